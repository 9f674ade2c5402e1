# A key on a @revoked line is refused, and so is the owner's word for it: the line has to go first.
# mount: no
. "$CASES/sshd.sh"
serve nodeA
echo "@revoked * $(cut -d' ' -f1,2 "$N/nodeA/key.pub")" >>"$N/known_hosts"
mount_again
mkdir "$W/nodes/nodeA"
wait_node nodeA UNTRUSTED
grep -q 'is revoked by' "$W/nodes/nodeA/reason"
refused 'Key has been revoked' tell "$W/nodes/nodeA/ctl" trust
grep -q 'nodes/nodeA/ctl: .*is revoked by .*known_hosts:2; it cannot be trusted' "$W/errors"
[ ! -e "$S/known_hosts" ] || fail 'the key was recorded'
told_nothing nodeA
sed -i /@revoked/d "$N/known_hosts"
echo reconnect >"$W/nodes/nodeA/ctl"
wait_node nodeA IDLE
