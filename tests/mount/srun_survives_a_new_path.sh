# Login shells, module and conda set PATH anew: srun is found by bash all the same, and no other shell is disturbed.
# timeout: 60
script() {
	cat >"$W/jobs/new"
	wait_for "$(basename "$(readlink "$W/last")")"
	cat "$W/last/stdout" >said
	expect "$(cat "$W/last/stderr")" ''
}
step='printenv SLURM_STEP_ID'

# Whatever a start-up file of the login does, and a srun of a real Slurm.
mkdir home other
printf '#!/bin/sh\necho the wrong srun >&2\nexit 9\n' >other/srun
chmod +x other/srun
printf 'export PATH=%s:/usr/bin:/bin\n' "$T/other" >home/.bash_profile
script <<END
#!/bin/bash -l
#SBATCH --export=HOME=$T/home
set -eu
srun $step
bash -lc "srun $step"
module() { PATH=/usr/bin:/bin; }
module purge
srun $step
(srun $step) | cat
PATH=\${WULFS_SRUN%/*}:\$PATH
echo "$step" | xargs srun
END
expect "$(paste -sd, said)" 0,1,2,3,4

# The other shells run as ever, with steps, and have it by its path.
for shell in sh dash ksh zsh 'bash --posix' python3; do
	command -v "${shell%% *}" >found || continue
	case $shell in
	python3) rest="-c 'import os; os.system(os.environ[\"WULFS_SRUN\"] + \" echo step\")'" ;;
	*) rest="-c 'set -eu; srun echo by PATH; PATH=/usr/bin:/bin; \"\$WULFS_SRUN\" echo step; PATH=\${WULFS_SRUN%/*}:\$PATH; srun echo step'" ;;
	esac
	id=$(submit "--export=NONE $shell $rest")
	wait_for "$id"
	expect "$(tail -n 1 "$W/results/$id/stdout")" step
	expect "$(cat "$W/results/$id/stderr")" ''
done

# A line a variable for who reads it so; env -i drops it without a trace.
id=$(submit 'env | grep -v "^[A-Za-z_][A-Za-z0-9_%]*="; env -i /bin/sh -c "echo \${WULFS_SRUN-none}"')
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" none
