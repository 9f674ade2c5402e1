# One node's agent is killed again and again: its jobs run elsewhere and none is given up.
# mount: no
# again: no
# timeout: 120
. "$CASES/sshd.sh"
serve nodeA nodeB
listed 1 nodeA
listed 2 nodeB
mount_again
wait_up nodeA nodeB
for i in $(seq 60); do echo "sleep 0.2; echo $i"; done >"$W/jobs/new"
(
	set +ex
	while [ ! -e "$T/end" ]; do
		sleep 0.3
		kill -9 "$(cat "$N"/nodeB/cache/wulfs/node-*/lock)"
	done
) 2>/dev/null &
expect "$(cat "$W/jobs/wait")" 'completed 60 failed 0 cancelled 0'
touch end
expect "$(cat "$W"/results/*/stdout | sort -n | paste -s -d' ')" "$(seq -s' ' 60)"
