# ctl user: who logs in on a node. Who is refused is told so, with what was offered; it is not tried again in haste.
# mount: no
. "$CASES/sshd.sh"
serve nodeA
mount_again
mkdir "$W/nodes/nodeA"
wait_node nodeA IDLE
echo 'user no-such-user' >"$W/nodes/nodeA/ctl"
wait_node nodeA DOWN
expect "$(cat "$W/nodes/nodeA/user")" no-such-user
grep -q "refused the login of no-such-user with $N/key" "$W/nodes/nodeA/reason"
logins=$(grep -c 'Connection from' "$N/nodeA/log")
for user in -x a@b a/b; do refused 'Invalid argument' tell "$W/nodes/nodeA/ctl" "user $user"; done
echo "user $(id -un)" >"$W/nodes/nodeA/ctl"
wait_node nodeA IDLE
expect "$(grep -c 'Connection from' "$N/nodeA/log")" $((logins + 1))
id=$(submit 'id -un')
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" "$(id -un)"
leave
mount_again
expect "$(cat "$W/nodes/nodeA/user")" "$(id -un)"
