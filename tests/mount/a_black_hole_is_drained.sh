# A node on which everything fails at once would eat the queue: it is drained by itself, and says why, while others
# do well. Jobs that fail wherever they run drain nobody.
# mount: no
. "$CASES/sshd.sh"
serve nodeA nodeB
listed 2 nodeA nodeB
mount_again
wait_up nodeA nodeB
yes 'false' | head -n 100 >"$W/jobs/new" || true
expect "$(cat "$W/jobs/wait")" 'completed 0 failed 100 cancelled 0'
wait_node nodeA IDLE
wait_node nodeB IDLE

yes '[ $NODE = nodeB ]' | head -n 400 >"$W/jobs/new" || true
wait_node nodeA DRAINED
grep -q 'failed here at once.*resume' "$W/nodes/nodeA/reason"
cat "$W/jobs/wait"
[ "$(cat "$W/nodes/nodeB/completed")" -ge 100 ] || fail 'nodeA ate the queue'
expect "$(cat "$W/nodes/nodeB/state")" IDLE
echo resume >"$W/nodes/nodeA/ctl"
id=$(submit '-w nodeA true')
wait_for "$id"
