# No node can be reached any more: ls does not wait for them, in time they are DOWN and say why, jobs are accepted
# all the same, and run when the nodes are back.
# mount: no
# options: lost_after=2,requeue_after=100
# timeout: 120
# alone: yes
. "$CASES/netns.sh"
serve nodeA nodeB nodeC nodeD
listed 1 nodeA nodeB nodeC nodeD
mount_again
wait_up nodeA nodeB nodeC nodeD
list() { for i in 1 2 3 4 5 6 7 8 9 10; do ls "$W/nodes" >listed; done; }
read_all() { cat "$W"/nodes/*/state "$W"/nodes/*/reason >states; }
for node in nodeA nodeB nodeC nodeD; do cut_link "$node"; done
usually_within 100 list         # ten times, each under 10 ms
usually_within 50 read_all
submit 'echo $NODE' >/dev/null
for node in nodeA nodeB nodeC nodeD; do
	wait_node $node DOWN
	grep -q . "$W/nodes/$node/reason"
done
usually_within 100 list
usually_within 50 read_all
expect "$(wc -l <listed)" 4
submit 'echo $NODE' >/dev/null
for node in nodeA nodeB nodeC nodeD; do mend_link "$node"; done
wait_up nodeA nodeB nodeC nodeD
expect "$(cat "$W/jobs/wait")" 'completed 2 failed 0 cancelled 0'
