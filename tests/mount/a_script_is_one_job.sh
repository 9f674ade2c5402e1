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
