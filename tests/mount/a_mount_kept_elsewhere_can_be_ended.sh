# The mount is gone here, but another mount namespace keeps it, and with it the daemon: whoever mounts again is told
# how to end that one, and its jobs go on.
[ "$(id -u)" = 0 ] || left_out 'only root makes mount namespaces'
unshare -m true || left_out 'no mount namespaces here'
unshare -m --propagation private sleep 600 &
keeper=$!
trap 'kill $keeper' EXIT
wait_until '[ "$(readlink /proc/$keeper/ns/mnt)" != "$(readlink /proc/$$/ns/mnt)" ] && grep -q sleep /proc/$keeper/comm'
daemon=$(daemon_pid)
id=$(submit "until [ -e $T/end ]; do sleep 0.2; done")
wait_state "$id" RUNNING
refused 'unmount that one' mount_again
fusermount3 -u "$W"
wait_until '! is_mounted'
refused "mounted on $W, which is no mount here: .*kill $daemon " mount_again
kill "$daemon"
wait_until "gone $daemon"
mount_again
touch end
wait_for "$id"
expect "$(cat "$W/jobs/$id/attempt")" 1
