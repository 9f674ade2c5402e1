# A host whose key is not known is UNTRUSTED, and told nothing, until its owner trusts the key that it showed.
# mount: no
. "$CASES/sshd.sh"
serve nodeA nodeB
: >"$N/known_hosts"
mount_again
mkdir "$W/nodes/nodeA" "$W/nodes/nodeB"
id=$(submit 'echo $NODE')
wait_node nodeA UNTRUSTED
wait_node nodeB UNTRUSTED
grep -q "$(fingerprint_of nodeA)" "$W/nodes/nodeA/reason"
expect "$(cat "$W/nodes/nodeA/fingerprint")" "$(fingerprint_of nodeA)"
expect "$(cat "$W/nodes/nodeB/fingerprint")" "$(fingerprint_of nodeB)"

# Another node's fingerprint is not this one's.
refused 'Invalid argument' tell "$W/nodes/nodeA/ctl" "trust $(fingerprint_of nodeB)"
grep -q "$(fingerprint_of nodeA)" "$W/errors"
echo reconnect >"$W/nodes/nodeA/ctl"
wait_node nodeA UNTRUSTED
told_nothing nodeA
expect "$(cat "$W/jobs/$id/state")" PENDING

echo "trust $(fingerprint_of nodeA)" >"$W/nodes/nodeA/ctl"
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" nodeA
told_nothing nodeB
echo trust >"$W/nodes/nodeB/ctl"
wait_node nodeB IDLE

# Both are known from now on. They are in a file of our own, not in the user's.
expect "$(stat -c %s "$N/known_hosts")" 0
expect "$(stat -c %a "$S/known_hosts")" 600
expect "$(ssh-keygen -F "$(known_as nodeA)" -f "$S/known_hosts" | grep -vc '^#')" 1
leave
mount_again
wait_node nodeA IDLE
wait_node nodeB IDLE
