# A signal, an exit of 255, a time limit, a cancellation, no such program: told apart by state, reason, exit.
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
cat "$W/jobs/wait"
told "$ok" 'COMPLETED None 0'
told "$exit" 'FAILED NonZeroExitCode 255'
told "$signal" 'FAILED RaisedSignal:9 137'
told "$limit" 'TIMEOUT TimeLimit 143'
told "$held" 'CANCELLED Cancelled 255'
told $launch 'FAILED JobLaunchFailure 255'
grep -q /no/such/program "$W/results/$launch/stderr"
