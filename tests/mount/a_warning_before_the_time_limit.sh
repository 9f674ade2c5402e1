# --signal warns before the limit: B: the script's own shell, else what it runs.
# timeout: 90
cat >own.sh <<'END'
#!/bin/sh
#SBATCH --time=0:03 --signal=B:USR1@2
trap 'echo saved; exit 0' USR1
sleep 60 & wait
END
cat >steps.sh <<'END'
#!/bin/sh
#SBATCH --time=0:03 --signal=USR1@2
srun sh -c 'trap "echo step saved; exit 0" USR1; while :; do sleep 0.05; done'
echo on we go
END
cat own.sh >"$W/jobs/new"
cat steps.sh >"$W/jobs/new"
late=$(submit '--time=1:00 --signal=INT@3600 sleep 50')         # more than there is: at once
wait_for 10000001
wait_for 10000002
expect "$(cat "$W/results/10000001/stdout")" saved
expect "$(cat "$W/results/10000002/stdout")" "step saved
on we go"
wait_for "$late" 130
expect "$(cat "$W/jobs/$late/reason")" RaisedSignal:2
