# mkdir adds a node: it says what it is, and jobs run there. rmdir: what ran there runs elsewhere.
# mount: no
. "$CASES/sshd.sh"
serve nodeA nodeB
mount_again
expect "$(ls "$W/nodes")" ''
id=$(submit "echo \$NODE; echo \$NODE >>$T/ran; until [ -e $T/end ]; do sleep 0.2; done")
expect "$(cat "$W/jobs/$id/state")" PENDING

mkdir "$W/nodes/nodeA"
wait_until '[ -s ran ]' 30
expect "$(cat "$W/jobs/$id/node")" nodeA
expect "$(cat "$W/nodes/nodeA/cpus" "$W/nodes/nodeA/slots" | uniq)" "$(nproc)"
kib=$(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)
expect "$(($(cat "$W/nodes/nodeA/memory") / 1024))" "$kib"
expect "$(cat "$W/nodes/nodeA/arch" "$W/nodes/nodeA/os" "$W/nodes/nodeA/source" | paste -s -d' ')" "$(uname -m) $(uname -s) $(uname -r) mkdir"
expect "$(cat "$W/nodes/nodeA/running")" 1
expect "$(cat "$W/nodes/nodeA/reason")" ''

refused 'File exists' mkdir "$W/nodes/nodeA"
for name in 'no such host' a/b -oProxyCommand=x host:99999 local; do
	refused . mkdir "$W/nodes/$name"
done
expect "$(ls "$W/nodes")" nodeA

mkdir "$W/nodes/nodeB"
wait_node nodeB IDLE
rmdir "$W/nodes/nodeA"
expect "$(ls "$W/nodes")" nodeB
wait_until '[ "$(paste -s -d" " ran)" = "nodeA nodeB" ]'
touch end
wait_for "$id"
expect "$(cat "$W/results/$id/stdout" "$W/jobs/$id/node" "$W/jobs/$id/attempt" | paste -s -d' ')" 'nodeB nodeB 2'
