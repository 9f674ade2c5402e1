# The link breaks, the daemon is killed, again and again, while files are sent and come back: every byte is there, no
# part of it is seen before it is whole, and nothing runs twice.
# mount: no
# timeout: 180
. "$CASES/sshd.sh"
serve nodeA
listed 1 nodeA
mount_again
wait_up nodeA
size=$(part 250000000 100000000) percent=$((size / 100))
head -c $size /dev/urandom >big
sum=$(sha256sum <big)
id=$(submit "--no-requeue --transfer=big --return=back echo ran >>$T/ran; sha256sum <big; mv big back")
cached() { find "$N/nodeA/cache/wulfs" -path '*/cache/*' -name '*.part' -size "+$1k" | grep -q .; }

wait_until "ls $S/parcels | grep -q ."
kill_daemon     # while it packs: the node knows nothing of the run yet
mount_again
for percents in 8 24 40; do
	wait_until "cached $((percents * percent / 1000)) || grep -q . $T/ran" 60
	break_off nodeA
	expect "$(cat "$W/jobs/$id/state")" PENDING
done
wait_until "cached $((52 * percent / 1000)) || grep -q . $T/ran" 60
kill_daemon
mount_again
wait_until "grep -q . $T/ran" 90
expect "$(find "$N/nodeA/cache/wulfs" -path '*/cache/*' -name '*.part')" ''

coming() { [ "$(stat -c %s "$S/outputs/$id.return.part" 2>/dev/null || echo 0)" -gt "$1" ]; }
for percents in 8 32; do
	wait_until "coming $((percents * percent)) || [ -e $W/results/$id/exit ]" 60
	break_off nodeA
done
wait_until "coming $((48 * percent)) || [ -e $W/results/$id/exit ]" 60
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
