# kill -9 of the daemon, again and again, while four nodes work: each job once, its output whole, the attempt
# the same; and what was finished stays as it was, byte for byte.
# mount: no
# timeout: 180
# again: no
. "$CASES/sshd.sh"
serve nodeA nodeB nodeC nodeD
listed 2 nodeA nodeB nodeC nodeD
mount_again
wait_up nodeA nodeB nodeC nodeD
n=$(part 200 60)
for i in 1 2 3 4 5 6 7 8; do
	echo "echo $i >>$T/ran; n=0; until [ -e $T/end ]; do n=\$((n + 1)); echo line \$n; sleep 0.2; done; echo last \$n"
done >"$W/jobs/new"
wait_until '[ $(wc -l <ran) = 8 ]'
expect "$(cat "$W"/jobs/*/node | sort | uniq -c | awk '{ print $1 }' | uniq)" 2
for i in $(seq 9 $n); do echo "echo $i >>$T/ran; seq $i 20000"; done >"$W/jobs/new"
for i in 1 2 3 4; do
	kill_daemon
	mount_again
done
wait_up nodeA nodeB nodeC nodeD
kill_daemon
touch end
mount_again
expect "$(cat "$W/jobs/wait")" "completed $n failed 0 cancelled 0"
cat "$W"/results/*/stdout | md5sum >before
kill_daemon
mount_again
cat "$W"/results/*/stdout | md5sum | cmp - before
expect "$(sort -n ran | paste -s -d' ')" "$(seq $n | paste -s -d' ')"
expect "$(cat "$W"/jobs/[0-9]*/attempt "$W/jobs/10000001/attempt" | sort -u)" 1
for i in 1 2 3 4 5 6 7 8; do
	last=$(sed -n 's/^last //p' "$W/results/1000000$i/stdout")
	{ seq "$last" | sed 's/^/line /'; echo "last $last"; } | cmp - "$W/results/1000000$i/stdout"
	expect "$(cat "$W/jobs/1000000$i/attempt")" 1
done
for i in $(seq 9 $n); do seq "$i" 20000; done | cmp - <<END
$(for i in $(seq 10000009 $((10000000 + n))); do cat "$W/results/$i/stdout"; done)
END
