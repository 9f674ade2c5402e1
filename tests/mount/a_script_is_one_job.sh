# A document that begins with #! is one job, whoever brings it; its #SBATCH lines are its options.
cat >job.sh <<'END'
#!/bin/bash
#SBATCH --job-name=sim
#SBATCH --time=10 -p short -o out-%j.txt
#SBATCH --mail-type=ALL --mail-user=a@example.org -A lab
echo "$SLURM_JOB_NAME $SLURM_JOB_ID ${BASH_VERSION:+bash}"
#SBATCH --bogus: a comment by now
echo two
END
cp job.sh "$W/jobs/new"
cat job.sh >"$W/jobs/new"
dd if=job.sh of="$W/jobs/new" bs=5 status=none
cp -p job.sh "$W/jobs/new"
for id in 10000001 10000002 10000003 10000004; do
	wait_for $id
	expect "$(cat "$W/results/$id/stdout")" "sim $id bash
two"
	cmp job.sh "$W/jobs/$id/spec"
done
expect "$(count)" 4
expect "$(cat "$W/jobs/10000001/name")" sim
expect "$(readlink "$W/results/sim")" 10000004

# It has no arguments: variables stand before it, with options that win over its own, or a line names it.
printf '#!/bin/sh\n#SBATCH -J own -c 1\necho "$#:$N:$SLURM_CPUS_PER_TASK:$SLURM_JOB_NAME"\n' >count.sh
chmod +x count.sh
{ echo '#WULFS --export=N=42 -c 2 -J given'; cat count.sh; } >"$W/jobs/new"
wait_for 10000005
expect "$(cat "$W/results/10000005/stdout")" 0:42:2:given
id=$(submit "N=7 $T/count.sh 42")
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" 1:7:1:count.sh
