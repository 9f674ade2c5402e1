# Both die, as in a power cut: what was running runs again, what was waiting runs, what was done stays done.
# again: no
submit 'echo finished' >/dev/null
wait_for 10000001
for i in 2 3 4 5 6; do echo "echo $i >>$T/ran; until [ -e $T/end ]; do sleep 0.2; done; seq 100000"; done >"$W/jobs/new"
wait_until '[ -s ran ]'
daemon=$(daemon_pid)
agent=$(agent_pid)
kill -9 "$daemon" "$agent"
wait_until "gone $daemon && gone $agent"
mount_again
touch end
expect "$(cat "$W/jobs/wait")" 'completed 6 failed 0 cancelled 0'
for i in 2 3 4 5 6; do
	expect "$(md5sum <"$W/results/1000000$i/stdout")" "$(seq 100000 | md5sum)"
done
expect "$(cat "$W/results/10000001/stdout")" finished
