# Files that find no room, here or on the node, wait for it; nothing half is seen.
# mount: no
# timeout: 120
[ "$(id -u)" = 0 ] || left_out 'only root can make a small disk'
mkdir -m 700 "$S"
mount -t tmpfs -o size=24m,mode=700 none "$S"
mount_again
head -c 10000000 /dev/urandom >ten
head -c 40000000 /dev/urandom >forty
alone=$(submit '--transfer=ten md5sum <ten')            # packed, sent and unpacked, it does not fit
wait_until "grep -qs 'wait.* until there is room' $S/wulfs.log $S/agent/log" 30
ten=$(submit '--transfer=ten --return=back md5sum <ten; mv ten back')
forty=$(submit '--transfer=forty --return=back md5sum <forty; mv forty back')
wait_for "$(submit true)"
wait_until "grep -q 'wait until there is room' $S/wulfs.log"
wait_for "$(submit true)"
expect "$(cat "$W/jobs/$forty/state")" PENDING
mount -o remount,size=400m "$S"
wait_until "[ -e $W/results/$ten/exit ] && [ -e $W/results/$forty/exit ]" 60
wait_for "$alone"
for id in $ten $forty; do
	expect "$(cat "$W/results/$id/exit" "$W/results/$id/stderr")" 0
	expect "$(md5sum <"$W/results/$id/out/back")" "$(cat "$W/results/$id/stdout")"
done
