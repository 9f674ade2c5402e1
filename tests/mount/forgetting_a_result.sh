# rm -r of a finished job frees its rows and its bytes; an open reader goes on; a live job is EBUSY, whole.
big=$(submit 'seq 100000')
small=$(submit 'echo small')
live=$(submit "echo live; until [ -e $T/end ]; do sleep 0.2; done")
wait_for "$big"
wait_for "$small"
wait_until "[ -s $W/results/$live/stdout ]"

exec 5<"$W/results/$big/stdout"
rm -r "$W/results/$big" "$W/results/$small"
expect "$(seq 100000 | md5sum)" "$(md5sum <&5)"
exec 5<&-
refused 'No such file' ls "$W/results/$big"
wait_until "! ls $W/jobs/$big" 1         # the kernel may remember it for a twentieth of a second
expect "$(ls "$W/results")" "$live"
wait_until "[ -z \"\$(ls $S/outputs)\" ]"
wait_until "[ \$(sqlite3 $S/wulfs.db 'SELECT (SELECT count(*) FROM job) + (SELECT count(*) FROM task) \
	+ (SELECT count(*) FROM run)') -le 2 ]"

refused 'busy' rm -r "$W/results/$live"
expect "$(cat "$W/results/$live/stdout")" live
touch end
wait_for "$live"
expect "$(cat "$W/results/$live/stdout")" live
rm "$W/results/$live/stdout" "$W/results/$live/exit"
expect "$(cat "$W/results/$live/stdout" "$W/results/$live/exit")" "$(printf 'live\n0')"
echo true >"$W/jobs/new"
expect "$(readlink "$W/last")" results/10000004
