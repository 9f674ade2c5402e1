# Unmounted while four nodes work: they go on with what they have; the next mount collects it.
# mount: no
# timeout: 120
. "$CASES/sshd.sh"
serve nodeA nodeB nodeC nodeD
listed 1 nodeA nodeB nodeC nodeD
mount_again
wait_up nodeA nodeB nodeC nodeD
for i in 1 2 3 4; do
	echo "echo start $i >>$T/ran; until [ -e $T/end ]; do sleep 0.2; done; seq 20000; echo end $i >>$T/ran; exit $i"
done >"$W/jobs/new"
for i in 5 6 7 8; do echo "echo start $i >>$T/ran; echo end $i >>$T/ran"; done >"$W/jobs/new"
wait_until '[ $(wc -l <ran) = 4 ]'
leave
touch end
wait_until '[ $(grep -c end ran) -ge 4 ]'
wait_until '[ $(grep -c end ran) = 8 ]'        # those that were sent ahead too
mount_again
expect "$(cat "$W/jobs/wait")" 'completed 4 failed 4 cancelled 0'
for i in 1 2 3 4; do
	wait_for 1000000$i $i
	seq 20000 | cmp - "$W/results/1000000$i/stdout"
done
expect "$(sort ran | paste -s -d,)" "$(for i in 1 2 3 4 5 6 7 8; do echo "end $i"; echo "start $i"; done | sort | paste -s -d,)"
