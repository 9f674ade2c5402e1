# 30 MB of stdin for each of two jobs, while their connections break off again and again: every byte once, in order.
# mount: no
# timeout: 120
. "$CASES/sshd.sh"
serve nodeA nodeB
listed 1 nodeA nodeB
mount_again
wait_up nodeA nodeB
seq 1000000 4999999 | head -c 30000000 >data
for _ in 1 2; do submit "--stdin while head -c 1000000 >>\$TMPDIR/got && [ \$(stat -c %s \$TMPDIR/got) -lt 30000000 ]; do stat -c %s \$TMPDIR/got >&2; sleep 0.05; done; md5sum <\$TMPDIR/got"; done
for id in 10000001 10000002; do
	cat data >"$W/jobs/$id/stdin"
	echo eof >"$W/jobs/$id/ctl"
done
for k in 1 2 3 4 5 6; do
	wait_until "[ \$(wc -l <$W/results/10000002/stderr) -ge $((k * 3)) ]" 40
	break_off nodeA
	break_off nodeB
done
expect "$(cat "$W/jobs/wait")" 'completed 2 failed 0 cancelled 0'
for id in 10000001 10000002; do
	expect "$(cat "$W/results/$id/stdout")" "$(md5sum <data)"
	expect "$(cat "$W/jobs/$id/attempt")" 1
done
