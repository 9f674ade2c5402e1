# A script written for sbatch runs its steps by srun.
# timeout: 60
cat >job.sh <<'END'
#!/bin/bash
#SBATCH --job-name=steps --ntasks=2 --mem-per-cpu=100 --partition=short
set -e
srun --label hostname | sort | cut -d: -f1
srun -n 1 --exclusive sh -c 'echo $SLURM_STEP_ID of $SLURM_JOB_ID' &
wait
srun --ntasks=2 --output=part.%t sh -c 'echo $((SLURM_PROCID * 10))'
cat part.0 part.1
echo "$SLURM_JOB_PARTITION $SLURM_TASKS_PER_NODE $SLURM_MEM_PER_CPU $SLURM_JOB_CPUS_PER_NODE"
[ "$TMPDIR" = "$SLURM_TMPDIR" ] && [ "$SLURM_JOB_USER" = "$(id -un)" ]
srun sh -c 'exit $((SLURM_PROCID + 6))'
END
cat job.sh >"$W/jobs/new"
wait_for 10000001 7
expect "$(cat "$W/results/10000001/stdout")" "0
1
1 of 10000001
0
10
short 2 100 2"
grep -q 'task 1: exited with 7' "$W/results/10000001/stderr"
