# A job starts where it was submitted from, with sbatch's variables and --export's beside its own.
mkdir here
cd here
id=$(submit '--export=COLOUR=green,SIZE=10 -J paint -n 2 pwd; echo $COLOUR $SIZE; echo $SLURM_JOB_ID $SLURM_JOB_NAME $SLURM_NTASKS')
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" "$(printf '%s\ngreen 10\n%s paint 2' "$T/here" "$id")"
id=$(submit '-D / pwd')
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" /
id=$(submit 'test -d "$TMPDIR" && test -w "$TMPDIR" && cd "$TMPDIR" && touch x && pwd')
wait_for "$id"
wait_until "[ ! -e $(cat "$W/results/$id/stdout") ]"
