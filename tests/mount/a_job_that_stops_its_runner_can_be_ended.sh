# The task's parent is the agent's process that watches it. Stopped by the task, it goes on: it can be cancelled, and
# the time limit is kept.
job=$(submit "kill -STOP \$PPID; echo \$PPID >$T/runner; exec sleep 1000")
wait_until "[ -s $T/runner ]"
wait_until "! grep -q '^State:[[:space:]]*T' /proc/\$(cat $T/runner)/status"
echo cancel >"$W/jobs/$job/ctl"
wait_state "$job" CANCELLED
other=$(submit '--time=0:01 kill -STOP $PPID; exec sleep 1000')
wait_state "$other" TIMEOUT
expect "$(cat "$W/jobs/$(submit true)/wait")" 0
