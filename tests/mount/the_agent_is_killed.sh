# The agent dies: its jobs run again and know it, the old processes are gone; --no-requeue is NODE_FAIL.
# again: no
id=$(submit "echo \$\$ >>$T/pids; echo \${SLURM_RESTART_COUNT:-0}; until [ -e $T/end ]; do sleep 0.2; done")
once=$(submit "--no-requeue until [ -e $T/end ]; do sleep 0.2; done")
wait_state "$id" RUNNING
wait_state "$once" RUNNING
wait_until '[ -s pids ]'
kill_9 "$(agent_pid)"
wait_until '[ $(wc -l <pids) = 2 ]' 20
wait_until "gone $(head -n 1 pids)"
touch end
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" 1
expect "$(cat "$W/jobs/$id/attempt")" 2
wait_for "$once" 255
expect "$(cat "$W/jobs/$once/state" "$W/jobs/$once/reason")" "$(printf 'NODE_FAIL\nNodeDown')"
