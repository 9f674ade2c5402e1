# A gibibyte of stdin arrives whole, and again whole after a requeue, in bounded memory and although the daemon
# dies and the link to the agent breaks meanwhile; a job that ignores its stdin is not in the way.
# timeout: 300
size=$(part $((1024 * 1024 * 1024)) 200000000)
made() { yes 'a line of some twenty-odd bytes, and then some' | head -c $size; }
sum=$(made | md5sum | cut -d' ' -f1)
rss() { sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$1/status"; }

deaf=$(submit '--stdin exec sleep 1000')
head -c 10000000 /dev/zero >"$W/jobs/$deaf/stdin"
id=$(submit "--stdin [ \"\$SLURM_RESTART_COUNT\" ] || { head -c $((size / 4)) >/dev/null; echo 1; exec sleep 1000; }; md5sum | cut -d' ' -f1")
made >"$W/jobs/$id/stdin"
echo eof >"$W/jobs/$id/ctl"
wait_until "grep -q 1 $W/results/$id/stdout" 60
[ "$(rss "$(daemon_pid)")" -lt 65536 ] || [ "$SANITIZED" ]
echo requeue >"$W/jobs/$id/ctl"
wait_until "[ \"\$(cat $W/jobs/$id/attempt)\" = 2 ]"
kill_daemon
mount_again
wait_until "[ \"\$(cat $W/jobs/$id/state)\" = COMPLETED ]" 120
expect "$(cat "$W/results/$id/stdout")" "$sum"
expect "$(cat "$W/jobs/$id/attempt")" 2
for pid in $(daemon_pid) $(agent_pid); do
	[ "$(rss "$pid")" -lt 65536 ] || [ "$SANITIZED" ]
done
[ ! -e "$S/inputs/$id" ]
[ -e "$S/inputs/$deaf" ]
echo cancel >"$W/jobs/$deaf/ctl"
