# SIGTERM, idle: unmounted and gone within 2 s.
daemon=$(daemon_pid)
kill -TERM "$daemon"
wait_until "gone $daemon" 2
if is_mounted; then fail 'still mounted'; fi
mount_again
expect "$(count)" 0
