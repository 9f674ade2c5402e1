# A job ends with its first process: what it left behind is killed, and counted on stderr, then its output is final.
id=$(submit "sh -c 'echo \$\$ >$T/left; exec sleep 999' & until [ -s $T/left ]; do :; done; echo hi; printf half >&2")
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" hi
expect "$(cat "$W/results/$id/stderr")" "$(printf 'half\nwulfs: 1 process left running was killed')"
wait_until "gone $(cat left)"

# However it went to the background, and whether its first process is a shell or not.
cat >left.sh <<'END'
#!/bin/sh
sleep 999 &
(nohup sleep 999 >/dev/null 2>&1 &)
setsid -f sleep 999
END
chmod +x left.sh
for line in 'sleep 999 & sleep 999 & setsid -f sleep 999' ./left.sh; do
	id=$(submit "$line")
	wait_for "$id"
	expect "$(tail -n 1 "$W/results/$id/stderr")" 'wulfs: 3 processes left running were killed'
done

# Who waits for them, whom somebody ends, and who has none: no word.
for line in 'sleep 0.1 & wait' true 'exit 3'; do
	id=$(submit "$line")
	cat "$W/jobs/$id/wait"
	expect "$(cat "$W/results/$id/stderr")" ''
done
id=$(submit 'sleep 999 & echo up; wait')
wait_until "[ -s $W/results/$id/stdout ]"
echo cancel >"$W/jobs/$id/ctl"
wait_for "$id" 143
expect "$(cat "$W/results/$id/stderr")" ''

expect "$(cat "$W/jobs/$(submit 'cat; echo eof')/wait")" 0
expect "$(cat "$W/last/stdout")" eof
