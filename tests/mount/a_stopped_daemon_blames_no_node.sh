# Silence counts only while the daemon itself was awake: stopped for longer than requeue_after, it takes up what
# runs as if nothing had been.
# mount: no
# options: lost_after=1,requeue_after=2
. "$CASES/sshd.sh"
serve nodeA nodeB
listed 1 nodeA nodeB
mount_again
wait_up nodeA nodeB
for i in 1 2; do echo "echo $i >>$T/ran; n=0; until [ -e $T/end ]; do n=\$((n + 1)); echo \$n; sleep 0.2; done"; done >"$W/jobs/new"
wait_until '[ $(wc -l <ran) = 2 ]'
wait_state 10000001 RUNNING
wait_state 10000002 RUNNING
cp "$W/events" before
kill -STOP "$(daemon_pid)"
sleep 5         # what is to be outlasted
kill -CONT "$(daemon_pid)"
size=$(stat -c %s "$W/results/10000001/stdout")
wait_until "[ \$(stat -c %s $W/results/10000001/stdout) -gt $size ]"
touch end
expect "$(cat "$W/jobs/wait")" 'completed 2 failed 0 cancelled 0'
expect "$(tail -c +$(($(stat -c %s before) + 1)) "$W/events" | cut -d' ' -f2- | sort | paste -s -d,)" \
	'job 10000001 RUNNING COMPLETED nodeA,job 10000002 RUNNING COMPLETED nodeB'
expect "$(wc -l <ran)" 2
