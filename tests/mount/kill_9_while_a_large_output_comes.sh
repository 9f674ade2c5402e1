# No byte of a large output is lost or repeated when the daemon dies, twice, while it comes.
# timeout: 90
# again: no
id=$(submit 'for i in 1 2 3 4 5 6 7 8; do seq 1000000 | head -c 5000000; sleep 0.2; done')
for mebibytes in 1 20; do
	wait_until "[ \$(stat -c %s $W/results/$id/stdout) -gt $((mebibytes * 1048576)) ]" 20
	kill_daemon
	mount_again
done
wait_for "$id"
expect "$(md5sum <"$W/results/$id/stdout")" \
	"$(for _ in 1 2 3 4 5 6 7 8; do seq 1000000 | head -c 5000000; done | md5sum)"
expect "$(cat "$W/jobs/$id/attempt")" 1
