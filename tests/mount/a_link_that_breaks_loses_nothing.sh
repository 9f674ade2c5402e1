# The connection breaks off, again and again, while jobs run; then sshd is restarted. Nothing is lost, nothing
# said twice, nothing run again: the jobs do not notice.
# mount: no
# timeout: 120
. "$CASES/sshd.sh"
serve nodeA nodeB
listed 2 nodeA nodeB
mount_again
wait_up nodeA nodeB
for i in 1 2 3 4; do
	echo "echo $i >>$T/ran; n=0; until [ -e $T/end ]; do n=\$((n + 1)); echo line \$n; echo err \$n >&2; sleep 0.2; done; echo last \$n"
done >"$W/jobs/new"
for i in 1 2 3 4 5 6 7 8; do
	for id in 10000001 10000002 10000003 10000004; do
		size=$(stat -c %s "$W/results/$id/stdout")
		wait_until "[ \$(stat -c %s $W/results/$id/stdout) -gt $size ]" 40
	done
	[ $i = 8 ] || break_off nodeA
	[ $i = 8 ] || break_off nodeB
done
[ "$(grep -c 'Accepted publickey' "$N/nodeA/log")" -ge 8 ]
stop_server nodeA
stop_server nodeB
wait_node nodeA DOWN
wait_node nodeB DOWN
start_server nodeA
start_server nodeB
wait_up nodeA nodeB
touch end
expect "$(cat "$W/jobs/wait")" 'completed 4 failed 0 cancelled 0'
expect "$(sort ran | paste -s -d' ')" '1 2 3 4'
for id in 10000001 10000002 10000003 10000004; do
	last=$(sed -n 's/^last //p' "$W/results/$id/stdout")
	{ seq "$last" | sed 's/^/line /'; echo "last $last"; } | cmp - "$W/results/$id/stdout"
	seq "$last" | sed 's/^/err /' | cmp - "$W/results/$id/stderr"
	expect "$(cat "$W/jobs/$id/attempt")" 1
done
