# Nodes that are not there: ls never waits for them, they are DOWN with a reason, and jobs run on those that are.
# mount: no
# alone: yes
. "$CASES/sshd.sh"
serve nodeA
listed 2 nodeA
for i in $(seq 50); do echo "127.0.0.1:$i"; done >>"$N/list"
echo 'no-such-host.invalid' >>"$N/list"
mount_again
list() { for i in 1 2 3 4 5 6 7 8 9 10; do ls "$W/nodes" >listed; done; }
usually_within 300 list         # ten times; one that waited for a node would take seconds
expect "$(wc -l <listed)" 52
long() { ls -l "$W/nodes" >long; }
usually_within 200 long
id=$(submit 'echo $NODE')
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" nodeA
wait_until "[ \$(cat $W/nodes/*/state | grep -c DOWN) = 51 ]" 40
grep -q 'refused' "$W/nodes/127.0.0.1:7/reason"
grep -q 'no-such-host.invalid' "$W/nodes/no-such-host.invalid/reason"
usually_within 300 list
rmdir "$W/nodes/127.0.0.1:7"
list
expect "$(wc -l <listed)" 51
