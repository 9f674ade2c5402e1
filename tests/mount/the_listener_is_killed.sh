# What listens to the network is a process of its own, without rights: killed, the mount lives on and starts another,
# which finds the machines again; their jobs do not notice.
# mount: no
. "$CASES/mdns.sh"
serve alpha
know_announced alpha
mount_again
announce alpha
wait_node alpha IDLE 10
listening() { pgrep -P "$(daemon_pid)" -f -- --listen-for-a-mount; }
[ "$(id -u)" != 0 ] || grep -q '^Uid:	65534	65534	65534' "/proc/$(listening)/status" || fail 'it has rights'
id=$(submit "until [ -e $T/end ]; do sleep 0.2; done")
wait_state "$id" RUNNING
first=$(listening)
kill_9 "$first"
wait_until "grep -q 'discovery - ON OFF the process that listens died of signal 9' $W/events" 5
wait_until "[ \"\$(pgrep -P $(daemon_pid) -f -- --listen-for-a-mount)\" ]" 10
[ "$(listening)" != "$first" ] || fail 'the same one'
wait_until "[ \$(grep -c 'discovery - OFF ON' $W/events) = 2 ]" 10
touch end
wait_for "$id"
expect "$(cat "$W/jobs/$id/attempt")" 1
wait_node alpha IDLE 10
withdraw alpha
wait_listed '' 5

# It goes with the mount, however that ends.
last=$(listening)
kill_daemon
wait_until "gone $last"
