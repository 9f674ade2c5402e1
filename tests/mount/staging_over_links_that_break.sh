# The link breaks, the daemon is killed, again and again, while files are sent and come back: every byte is there, no
# part of it is seen before it is whole, and nothing runs twice.
# mount: no
# timeout: 180
. "$CASES/sshd.sh"
serve nodeA
listed 1 nodeA
mount_again
wait_up nodeA
size=250000000
head -c $size /dev/urandom >big
sum=$(sha256sum <big)
id=$(submit "--no-requeue --transfer=big --return=back echo ran >>$T/ran; sha256sum <big; mv big back")
cached() { find "$N/nodeA/cache/wulfs" -path '*/cache/*' -name '*.part' -size "+$1k" | grep -q .; }

wait_until "ls $S/parcels | grep -q ."
kill_daemon     # while it packs: the node knows nothing of the run yet
mount_again
for kilobytes in 20000 60000 100000; do
	wait_until "cached $kilobytes || grep -q . $T/ran" 60
	break_off nodeA
	expect "$(cat "$W/jobs/$id/state")" PENDING
done
wait_until "cached 130000 || grep -q . $T/ran" 60
kill_daemon
mount_again
wait_until "grep -q . $T/ran" 90
expect "$(find "$N/nodeA/cache/wulfs" -path '*/cache/*' -name '*.part')" ''

coming() { [ "$(stat -c %s "$S/outputs/$id.return.part" 2>/dev/null || echo 0)" -gt "$1" ]; }
for bytes in 20000000 80000000; do
	wait_until "coming $bytes || [ -e $W/results/$id/exit ]" 60
	break_off nodeA
done
wait_until "coming 120000000 || [ -e $W/results/$id/exit ]" 60
[ -e "$W/results/$id/exit" ] || refused 'No such file' ls "$W/results/$id/out"
kill_daemon
mount_again
wait_until "[ -e $W/results/$id/exit ]" 90
expect "$(cat "$W/results/$id/exit" "$W/results/$id/stdout")" "$(printf '0\n%s' "$sum")"
expect "$(sha256sum <"$W/results/$id/out/back")" "$sum"
expect "$(cat ran)" ran
expect "$(cat "$W/jobs/$id/attempt")" 1
expect "$(ls "$S/outputs")" "$id.out"
expect "$(ls "$N"/nodeA/cache/wulfs/node-*/scratch "$N"/nodeA/cache/wulfs/node-*/spool | grep -c return)" 0
