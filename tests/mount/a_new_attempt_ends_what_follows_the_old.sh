# A job's new attempt starts its output at byte 0. Who follows the old one's is told so, and gets no mixture.
for array in '' '--array=3,5 '; do
	rm -f go
	id=$(submit "$array"'--retries=1 test "$SLURM_RESTART_COUNT" && { echo "the second"; exit; }; echo one; until [ -e '"$T/go"' ]; do sleep 0.2; done; exit 3')
	cat "$W/jobs/$id/follow" >followed 2>said &
	wait_until 'grep one followed'
	touch go
	if wait $!; then fail 'it ended as if that were all'; fi
	grep 'Input/output error' said
	expect "$(cat followed)" one
	wait_for "$id"
	expect "$(uniq "$W/jobs/$id/follow")" 'the second'
	[ "$array" ] || expect "$(cat "$W/results/$id/stdout")" 'the second'
done
# Those that went before it in the array were given for good.
id=$(submit '--array=0-1 --retries=1 echo $SLURM_ARRAY_TASK_ID; test $SLURM_ARRAY_TASK_ID = 0 || test "$SLURM_RESTART_COUNT" || exit 3')
wait_for "$id"
expect "$(cat "$W/jobs/$id/follow" | tr '\n' ' ')" '0 1 '
