# SIGTERM with 400 readers parked: they end, it unmounts, gone within 2 s; what runs goes on.
id=$(submit "until [ -e $T/end ]; do sleep 0.2; done; echo went on")
daemon=$(daemon_pid)
python3 "$CASES/park_readers.py" "$W/jobs/$id/wait" 400 parked >codes 2>readers &
readers=$!
wait_until '[ -e parked ]' 30
kill -TERM "$daemon"
wait_until "gone $daemon" 2
if is_mounted; then fail 'still mounted'; fi
wait $readers || true
touch end
mount_again
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" 'went on'
