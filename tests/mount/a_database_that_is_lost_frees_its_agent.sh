# The database is lost under a living agent, and replaced: the reason says what to do, then the node comes up.
# again: no
# timeout: 120
line="echo \$\$ >>$T/pids; until [ -e $T/end ]; do sleep 0.2; done"
submit "$line"
wait_until '[ -s pids ]'
agent=$(agent_pid)

# put back in time, nothing is lost
leave
mkdir aside
mv "$S"/wulfs.db* aside
mount_again
wait_until "grep -q 'has jobs of another database.*put that one back' $W/nodes/local/reason"
waiting=$(submit true)
expect "$(cat "$W/jobs/$waiting/state")" PENDING
leave
rm "$S"/wulfs.db*
mv aside/* "$S"
mount_again
wait_for "$(submit true)"
expect "$(agent_pid)" "$agent"
expect "$(wc -l <pids)" 1

# lost for good: its jobs are ended
leave
rm "$S"/wulfs.db*
mount_again
next=$(submit 'echo next')
wait_until "gone $(head -n 1 pids)" 60
wait_for "$next"
expect "$(cat "$W/results/$next/stdout")" next
grep -q 'of another database are ended' "$S/wulfs.log"
