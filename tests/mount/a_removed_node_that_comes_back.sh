# A node is removed while it is silent: its job runs elsewhere at once. Added again, its old run is killed, and
# nothing that it brings counts.
# mount: no
. "$CASES/sshd.sh"
serve nodeA nodeB
mount_again
mkdir "$W/nodes/nodeA"
wait_up nodeA
id=$(submit "echo \$NODE \$\$ >>$T/ran; echo \$NODE; until [ -e $T/end ]; do sleep 0.2; done")
wait_until '[ -s ran ]'
silence nodeA
rmdir "$W/nodes/nodeA"
expect "$(cat "$W/jobs/$id/state")" PENDING
mkdir "$W/nodes/nodeB"
wait_until '[ $(wc -l <ran) = 2 ]'
heal nodeA
mkdir "$W/nodes/nodeA"
wait_up nodeA
wait_until "gone $(sed -n 's/^nodeA //p' ran)"
touch end
wait_for "$id"
expect "$(cat "$W/results/$id/stdout" "$W/jobs/$id/node" | paste -s -d' ')" 'nodeB nodeB'
expect "$(wc -l <ran)" 2
