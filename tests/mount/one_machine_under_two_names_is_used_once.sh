# Two names lead to one machine and one login: one is used, the other is DOWN and says why, and comes up when the
# first is removed. Another login, or another host key, is another node.
# mount: no
. "$CASES/sshd.sh"
serve nodeA nodeB
sed -i 's/^Host nodeA$/Host nodeA alias/' "$N/config"
mount_again
mkdir "$W/nodes/nodeA"
wait_up nodeA
mkdir "$W/nodes/alias" "$W/nodes/nodeB" "$W/nodes/$(id -un)@nodeA"
wait_up nodeB
for name in alias "$(id -un)@nodeA"; do
	wait_until "grep -q 'is the machine that node nodeA is' '$W/nodes/$name/reason'" 30
	expect "$(cat "$W/nodes/$name/state")" DOWN
done
id=$(submit "-w alias sh -c 'echo \$NODE'")
expect "$(cat "$W/jobs/$id/state")" PENDING
rmdir "$W/nodes/nodeA"
rmdir "$W/nodes/$(id -un)@nodeA"
wait_up alias
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" nodeA
expect "$(cat "$W/nodes/alias/reason")" ''
