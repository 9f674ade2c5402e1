# The agent of a node is killed: its jobs run again at once and know it, their old processes are gone; what was
# not to run twice is NODE_FAIL. After five times, ever further apart, that is the end of every job.
# mount: no
# timeout: 240
. "$CASES/sshd.sh"
serve nodeA nodeB
listed 2 nodeA
listed 1 nodeB
mount_again
wait_up nodeA nodeB
id=$(submit "-w nodeA echo \$\$ >>$T/pids; echo \${SLURM_RESTART_COUNT:-0}; until [ -e $T/end ]; do sleep 0.2; done")
once=$(submit "-w nodeA --no-requeue echo \$\$ >>$T/once; until [ -e $T/end ]; do sleep 0.2; done")
other=$(submit "-w nodeB echo \$\$ >>$T/other; until [ -e $T/end ]; do sleep 0.2; done")
wait_until '[ -s pids ] && [ -s once ] && [ -s other ]'
kill_9 "$(agent_of nodeA)"
wait_until '[ $(wc -l <pids) = 2 ]' 20
wait_until "gone $(head -n 1 pids) && gone $(cat once)"
wait_for "$once" 255
expect "$(cat "$W/jobs/$once/state" "$W/jobs/$once/reason" | paste -s -d' ')" 'NODE_FAIL NodeDown'

for times in 3 4 5; do
	kill_9 "$(agent_of nodeA)"
	wait_until "[ \$(wc -l <pids) = $times ]" 60
done
wait_until '[ "$(cat "$W/results/$id/stdout")" = 4 ]'
expect "$(cat "$W/jobs/$id/attempt")" 5
kill_9 "$(agent_of nodeA)"
wait_for "$id" 255
expect "$(cat "$W/jobs/$id/state" "$W/jobs/$id/reason" | paste -s -d' ')" 'NODE_FAIL NodeDown'
wait_until "gone $(tail -n 1 pids)"

wait_up nodeA
touch end
wait_for "$other"
expect "$(wc -l <other) $(wc -l <pids) $(wc -l <once)" '1 5 1'
