# An array's tasks are one job: one line, one directory with one a task in it, their outputs one after the other.
id=$(submit '--array=0-20:4 -J sweep echo "task $SLURM_ARRAY_TASK_ID of $SLURM_ARRAY_TASK_COUNT, $SLURM_ARRAY_JOB_ID $SLURM_JOB_ID"; echo oops >&2; exit $SLURM_ARRAY_TASK_ID')
next=$(submit true)
expect "$next" $((id + 6))
wait_for "$id" 20
expect "$(cat "$W/jobs/$id/state")" FAILED
expect "$(cat "$W/results/$id/exit")" 20
expect "$(ls "$W/results/$id" | tr '\n' ' ')" "0 12 16 20 4 8 exit stderr stdout "
for k in 0 4 8 12 16 20; do
	expect "$(cat "$W/results/$id/$k/stdout")" "task $k of 6, $id $((id + k / 4))"
	expect "$(cat "$W/results/$id/$k/exit")" $k
	expect "$(cat "$W/jobs/$id/$k/wait")" $k
	expect "$(cat "$W/jobs/$id/$k/node")" local
	cat "$W/results/$id/$k/stdout"
done >in_order
cmp "$W/results/$id/stdout" in_order
expect "$(stat -c %s "$W/results/$id/stdout")" "$(wc -c <in_order)"
expect "$(wc -l <"$W/results/$id/stderr")" 6
expect "$(cat "$W/jobs/$id/0/state") $(cat "$W/jobs/$id/4/state") $(cat "$W/jobs/$id/4/reason")" "COMPLETED FAILED NonZeroExitCode"
cmp "$W/results/sweep/stdout" in_order
cmp "$W/jobs/$id/follow" in_order

# No task where there is none; not under jobs/ in a listing, nor under an id of its own.
for bad in "results/$id/1" "results/$id/24" "jobs/$id/04" "results/$((id + 1))" "results/$next/0"; do
	refused 'No such file' ls "$W/$bad"
done
expect "$(ls "$W/jobs/$id" | grep -c '^[0-9]')" 0

# It is forgotten as a whole.
rmdir "$W/results/$id/4"
expect "$(cat "$W/results/$id/4/exit")" 4
leave
mount_again
cmp "$W/results/$id/stdout" in_order
rm -r "$W/results/$id"
refused 'No such file' ls "$W/results/$id"
expect "$(ls "$W/results")" "$next"

# Who has it open reads it to its end.
id=$(submit '--array=0-3 seq 50000')
wait_for "$id"
md5sum <"$W/results/$id/stdout" >whole
exec 5<"$W/results/$id/stdout"
rm -r "$W/results/$id"
md5sum <&5 | cmp - whole
exec 5<&-
