# A job on a node that is silent is cancelled: killed as soon as the node is heard again, or finished without it
# once requeue_after is over. It never runs again.
# mount: no
# options: lost_after=1,requeue_after=12
# timeout: 120
. "$CASES/sshd.sh"
serve nodeA nodeB
listed 1 nodeA
mount_again
wait_up nodeA
first=$(submit "echo \$\$ >>$T/ran; until [ -e $T/end ]; do sleep 0.2; done")
wait_until '[ -s ran ]'
silence nodeA
wait_node nodeA DOWN
echo cancel >"$W/jobs/$first/ctl"
heal nodeA
expect "$(cat "$W/jobs/$first/wait")" 143
expect "$(cat "$W/jobs/$first/state")" CANCELLED
wait_until "gone $(cat ran)"

wait_up nodeA
second=$(submit "echo \$\$ >>$T/ran; until [ -e $T/end ]; do sleep 0.2; done")
wait_until '[ $(wc -l <ran) = 2 ]'
silence nodeA
mkdir "$W/nodes/nodeB"
wait_node nodeB IDLE
wait_node nodeA DOWN
echo cancel >"$W/jobs/$second/ctl"
wait_for "$second" 255
expect "$(cat "$W/jobs/$second/state")" CANCELLED
heal nodeA
wait_up nodeA
wait_until "gone $(tail -n 1 ran)"
expect "$(wc -l <ran)" 2
