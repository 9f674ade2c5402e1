# A signal, an exit of 255, limits of time and memory, a cancellation, no such program, a lost node: told apart by
# state, reason and exit.
# timeout: 90
told() { expect "$(cat "$W/jobs/$1/state" "$W/jobs/$1/reason" "$W/results/$1/exit" | paste -s -d' ')" "$2"; }
ok=$(submit true)
exit=$(submit 'exit 255')
signal=$(submit 'kill -9 $$')
limit=$(submit '--time=0:01 exec sleep 1000')
held=$(submit '-H true')
echo cancel >"$W/jobs/$held/ctl"
printf '#!/no/such/program\n' >"$W/jobs/new"
launch=10000006
memory=$(submit '--mem=40M exec python3 -c "x = [bytearray(1000000) for _ in range(1000)]; input()"')
caught=$(submit 'sleep 1000')
wait_state "$caught" RUNNING
echo cancel >"$W/jobs/$caught/ctl"
cat "$W/jobs/wait"
lost=$(submit '--no-requeue sleep 1000')
wait_state "$lost" RUNNING
kill_9 "$(agent_pid)"
wait_for "$lost" 255
told "$ok" 'COMPLETED None 0'
told "$exit" 'FAILED NonZeroExitCode 255'
told "$signal" 'FAILED RaisedSignal:9 137'
told "$limit" 'TIMEOUT TimeLimit 143'
told "$held" 'CANCELLED Cancelled 255'
told "$memory" 'OUT_OF_MEMORY OutOfMemory 137'
told "$caught" 'CANCELLED Cancelled 143'
told "$lost" 'NODE_FAIL NodeDown 255'
told $launch 'FAILED JobLaunchFailure 255'
grep -q /no/such/program "$W/results/$launch/stderr"
