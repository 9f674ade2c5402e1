# jobs/wait blocks while any job is unfinished, then counts; with nothing to wait for it answers at once.
expect "$(cat "$W/jobs/wait")" 'completed 0 failed 0 cancelled 0'
submit true >/dev/null
submit false >/dev/null
submit "until [ -e $T/end ]; do sleep 0.2; done" >/dev/null
held=$(submit '-H true')
cat "$W/jobs/wait" >all &
touch end
wait_for 10000003
expect "$(cat all)" ''
echo cancel >"$W/jobs/$held/ctl"
wait $!
expect "$(cat all)" 'completed 2 failed 1 cancelled 1'
