# A mount made in a job, or with nothing in its environment: its jobs see neither, but what a login has.
# mount: no
# The next mount's agent is a new one, with what that mount has in its environment.
leave_for_good() {
	agent=$(agent_pid)
	leave
	wait_until "gone $agent"
}

jobs_see() {
	id=$(submit "$1")
	wait_for "$id"
	cat "$W/results/$id/stdout"
}

foreign='SLURM_ARRAY_TASK_ID SLURM_RESTART_COUNT SLURM_MEM_PER_NODE SLURM_MEM_PER_CPU SLURM_NTASKS_PER_NODE SLURM_CPU_BIND
	SLURM_JOB_ACCOUNT SLURM_STEP_ID SLURM_EXPORT_ENV SLURM_JOB_GPUS SLURMD_TRES_FREQ SBATCH_ARRAY SRUN_CPUS_PER_TASK SALLOC_PARTITION
	PMI_RANK PMIX_RANK OMPI_COMM_WORLD_RANK WULFS_ITEM'
(
	for name in $foreign SLURM_CONF KEPT; do export "$name=foreign"; done
	export SLURM_JOB_ID=77
	mount_again
)
seen=$(jobs_see '{ env; srun env; } | grep -E "^(S[A-Z]*|PMI[A-Z]*|OMPI|WULFS)_|^KEPT"')
for name in $foreign; do
	case $name in SLURM_STEP_ID) continue ;; esac   # the step's own
	if printf '%s\n' "$seen" | grep "^$name="; then fail "$name came through"; fi
done
if jobs_see 'env | grep ^SLURM' | grep SLURM_STEP_ID; then fail "a step where there is none"; fi
expect "$(printf '%s\n' "$seen" | grep -c -x -e KEPT=foreign -e SLURM_CONF=foreign)" 4
expect "$(jobs_see 'echo $((SLURM_JOB_ID > 10000000)) ${SLURM_CPU_BIND-none}')" '1 none'
expect "$(jobs_see '--export=SLURM_ARRAY_TASK_ID=3,OMPI_X=y echo $SLURM_ARRAY_TASK_ID $OMPI_X')" '3 y'

# A mount made in a job of ours: the inner job is no task of the outer's array.
inner=$T/inner
mkdir "$inner"
cat >nest.sh <<END
#!/bin/sh
#SBATCH --array=5
"$WULFS" -o "state=$T/inner.state,discover=no,local=1" "$inner"
echo 'echo task=\$SLURM_ARRAY_TASK_ID node=\$WULFS_NODE; srun echo step' >"$inner/jobs/new"
cat "$inner/jobs/last/wait" "$inner/last/stdout"
fusermount3 -u "$inner"
END
cat nest.sh >"$W/jobs/new"
cat "$W/jobs/last/wait"
expect "$(cat "$W/last/stdout")" "$(printf '0\ntask= node=local\nstep')"
leave_for_good

# As at boot.
env -i "$WULFS" -o "state=$S,discover=no,local=2$OPTIONS" "$W"
expect "$(jobs_see 'set -u; echo "$USER $LOGNAME $HOME $SHELL"; [ -n "$PATH" ] && command -v ls >/dev/null')" \
	"$(getent passwd "$(id -u)" | awk -F: '{ print $1, $1, $6, $7 }')"
leave_for_good

# From another user's shell, as with setuid=USER of mount(8).
env USER=nobody LOGNAME=nobody SHELL=/bin/false HOME=/ "$WULFS" -o "state=$S,discover=no,local=2$OPTIONS" "$W"
expect "$(jobs_see 'echo "$USER $LOGNAME $SHELL"')" "$(getent passwd "$(id -u)" | awk -F: '{ print $1, $1, $7 }')"
