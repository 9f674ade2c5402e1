# kill -9 of the daemon: same ids, same bytes; pending jobs run once, running ones are taken up, not run again.
# again: no
finished=$(submit 'seq 5000; echo err >&2')
wait_for "$finished"
cat "$W/results/$finished/stdout" "$W/results/$finished/stderr" >before
for i in 1 2; do
	echo "echo $i >>$T/ran; n=0; until [ -e $T/end ]; do n=\$((n + 1)); echo line \$n; sleep 0.2; done; echo last \$n"
done >"$W/jobs/new"
for i in 3 4 5; do echo "echo $i >>$T/ran"; done >"$W/jobs/new"
wait_until "grep -q 'line 20' $W/results/10000002/stdout && grep -q 'line 20' $W/results/10000003/stdout"

kill_daemon
mount_again
wait_until "grep -q 'line 60' $W/results/10000002/stdout"
kill_daemon
mount_again
kill_daemon
mount_again
touch end
cat "$W/jobs/wait"

expect "$(ls "$W/results" | paste -s -d' ')" '10000001 10000002 10000003 10000004 10000005 10000006'
cat "$W/results/$finished/stdout" "$W/results/$finished/stderr" | cmp - before
expect "$(sort ran | paste -s -d' ')" '1 2 3 4 5'
for id in 10000002 10000003; do
	last=$(sed -n 's/^last //p' "$W/results/$id/stdout")
	{ seq "$last" | sed 's/^/line /'; echo "last $last"; } | cmp - "$W/results/$id/stdout"
	expect "$(cat "$W/jobs/$id/attempt")" 1
done
