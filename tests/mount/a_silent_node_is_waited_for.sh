# A node silent for longer than lost_after, but not than requeue_after: DOWN, given nothing new, then back. What
# ran there went on, and nothing runs again.
# mount: no
# options: lost_after=2,requeue_after=60
# timeout: 120
. "$CASES/sshd.sh"
serve nodeA nodeB
listed 1 nodeA nodeB
mount_again
wait_up nodeA nodeB
id=$(submit "-w nodeA echo 1 >>$T/ran; n=0; until [ -e $T/end ]; do n=\$((n + 1)); echo line \$n; sleep 0.2; done; echo last \$n")
short=$(submit "-w nodeA echo 2 >>$T/ran; seq 1000")
wait_until '[ -s ran ]'
wait_state "$id" RUNNING
silence nodeA
wait_node nodeA DOWN
grep -q 'not answered' "$W/nodes/nodeA/reason"
expect "$(cat "$W/jobs/$id/state")" RUNNING
new=$(submit 'echo $NODE')
wait_for "$new"
expect "$(cat "$W/results/$new/stdout")" nodeB
touch end
heal nodeA
wait_up nodeA
wait_for "$id"
wait_for "$short"
last=$(sed -n 's/^last //p' "$W/results/$id/stdout")
{ seq "$last" | sed 's/^/line /'; echo "last $last"; } | cmp - "$W/results/$id/stdout"
seq 1000 | cmp - "$W/results/$short/stdout"
expect "$(cat ran "$W/jobs/$id/attempt" "$W/jobs/$short/attempt" | paste -s -d' ')" '1 2 1 1'
! grep 'RUNNING PENDING' "$W/events" || fail 'requeued'
! grep 'nodeB [A-Z]* DOWN' "$W/events" || fail 'nodeB was blamed'
