# A host that shows another key than the one known is UNTRUSTED: nothing is sent, its job waits for it in vain.
# A key on a @revoked line is refused even if another line knows it, and even if its owner says trust.
# mount: no
. "$CASES/sshd.sh"
serve nodeA nodeB
mount_again
mkdir "$W/nodes/nodeA" "$W/nodes/nodeB"
wait_node nodeA IDLE
wait_node nodeB IDLE
installed_anew nodeA
wait_node nodeA UNTRUSTED
id=$(submit '-w nodeA echo $NODE')
grep -q changed "$W/nodes/nodeA/reason"
expect "$(cat "$W/nodes/nodeA/fingerprint")" "$(fingerprint_of nodeA)"
told_nothing nodeA
expect "$(cat "$W/jobs/$id/state")" PENDING

echo "@revoked $(known_as nodeB) $(cut -d' ' -f1,2 "$N/nodeB/key.pub")" >>"$N/known_hosts"
stop_server nodeB
start_server nodeB
wait_node nodeB UNTRUSTED
grep -q revoked "$W/nodes/nodeB/reason"
told_nothing nodeB
refused 'Key has been revoked' tell "$W/nodes/nodeB/ctl" trust
grep -q 'nodes/nodeB/ctl: .*is revoked by' "$W/errors"

# The owner knows that nodeA was installed anew.
echo trust >"$W/nodes/nodeA/ctl"
wait_for "$id"
