# What mkdir added is there again after a remount, and after kill -9; what rmdir removed is not.
# mount: no
. "$CASES/sshd.sh"
serve nodeA nodeB nodeC
mount_again
mkdir "$W/nodes/nodeA" "$W/nodes/nodeB" "$W/nodes/nodeC"
echo 'features gpu,big' >"$W/nodes/nodeA/ctl"
wait_node nodeA IDLE
echo 'slots 3' >"$W/nodes/nodeA/ctl"
rmdir "$W/nodes/nodeB"
leave
mount_again
expect "$(ls "$W/nodes" | paste -s -d' ')" 'nodeA nodeC'
wait_node nodeA IDLE
expect "$(cat "$W/nodes/nodeA/features" "$W/nodes/nodeA/slots" | paste -s -d' ')" 'gpu,big 3'
kill_daemon
mount_again
expect "$(ls "$W/nodes" | paste -s -d' ')" 'nodeA nodeC'
wait_node nodeA IDLE
wait_node nodeC IDLE
id=$(submit '-w nodeC echo $NODE')
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" nodeC
