# A hundred nodes in one daemon, each with a connection and an agent of its own: all come up, and all take part.
# mount: no
. "$CASES/sshd.sh"
serve nodeA nodeB nodeC nodeD
sed -i 's/^Host \(.*\)$/Host \1 \1-*/' "$N/config"
names=$(for i in $(seq 25); do echo "nodeA-$i nodeB-$i nodeC-$i nodeD-$i"; done)
# shellcheck disable=SC2086 # into words
listed 1 $names
mount_again
wait_until '[ "$(cat "$W"/nodes/*/state | grep -cx IDLE)" = 100 ]' 60
expect "$(ls "$W/nodes" | wc -l)" 100

# Each node gets one, and none ends before all have begun.
yes "echo x >>$T/begun; until [ -e $T/all ]; do sleep 0.1; done" | head -100 >"$W/jobs/new"
wait_until '[ "$(cat begun | wc -l)" = 100 ]' 60
expect "$(cat "$W"/nodes/*/running | sort | uniq -c | xargs)" '100 1'
touch all
expect "$(cat "$W/jobs/wait")" 'completed 100 failed 0 cancelled 0'
expect "$(cat "$W"/nodes/*/completed | sort | uniq -c | xargs)" '100 1'
