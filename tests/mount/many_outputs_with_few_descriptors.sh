# More large outputs grow at a time than the daemon may have files open: all jobs end, and nothing is lost.
# mount: no
# timeout: 120
OPTIONS=,local=80
zeros() { stat -c %s "$W"/results/*/stdout | sort | uniq -c | xargs; }
jobs() { yes "head -c 100000 /dev/zero; echo >>$T/begun; until [ -e $T/$1 ]; do sleep 0.5; done; head -c 100000 /dev/zero" | head -n 80 >"$W/jobs/new"; }

# the daemon alone has few
mount_again
wait_for "$(submit true)"
prlimit --nofile=64 --pid "$(daemon_pid)"
jobs all
wait_until '[ -e begun ] && [ "$(wc -l <begun)" = 80 ]' 40
wait_until '[ "$(zeros)" = "1 0 80 100000" ]' 40
expect "$(cat "$W/nodes/local/reason")" ''
touch all
expect "$(cat "$W/jobs/wait")" 'completed 81 failed 0 cancelled 0'
expect "$(zeros)" '1 0 80 200000'
wait_until 'ls -l /proc/$(daemon_pid)/fd >fds && ! grep "\.part$" fds'
leave

# its agent, too: not all run at a time, but all run
prlimit --nofile=64 "$WULFS" -o "state=$S,discover=no$OPTIONS" "$W"
touch more
jobs more
expect "$(cat "$W/jobs/wait")" 'completed 161 failed 0 cancelled 0'
expect "$(zeros)" '1 0 160 200000'
