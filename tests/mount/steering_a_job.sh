# hold, release, priority, signal and requeue by ctl; words that are none are refused.
first=$(submit "trap 'echo caught; exit 0' USR1; echo ready; while :; do sleep 0.1; done")
wait_until "grep -q ready $W/results/$first/stdout"
echo 'signal USR1' >"$W/jobs/$first/ctl"
wait_for "$first"
expect "$(cat "$W/results/$first/stdout")" "$(printf 'ready\ncaught')"

echo drain >"$W/nodes/local/ctl"
low=$(submit "echo low >>$T/order")
high=$(submit "echo high >>$T/order")
echo hold >"$W/jobs/$low/ctl"
expect "$(cat "$W/jobs/$low/reason")" JobHeldUser
echo release >"$W/jobs/$low/ctl"
echo 'priority 5' >"$W/jobs/$low/ctl"
expect "$(cat "$W/jobs/$low/priority")" 5
echo 'slots 1' >"$W/nodes/local/ctl"
echo resume >"$W/nodes/local/ctl"
wait_for "$low"
wait_for "$high"
expect "$(cat order)" "$(printf 'high\nlow')"

again=$(submit "echo run >>$T/runs; until [ -e $T/end ]; do sleep 0.2; done; echo \${SLURM_RESTART_COUNT:-0}")
wait_state "$again" RUNNING
wait_until '[ -s runs ]'
echo requeue >"$W/jobs/$again/ctl"
wait_until '[ $(wc -l <runs) = 2 ]'
touch end
wait_for "$again"
expect "$(cat "$W/results/$again/stdout")" 1
expect "$(cat "$W/jobs/$again/attempt")" 2

held=$(submit '-H true')
refused 'Invalid argument' tell "$W/jobs/$held/ctl" dance
refused 'Invalid argument' tell "$W/jobs/$held/ctl" 'priority high'
grep -q dance "$W/errors"
