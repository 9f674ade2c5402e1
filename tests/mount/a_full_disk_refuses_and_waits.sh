# A full disk: ENOSPC to who submits, no half job; jobs wait and go on when there is room; nothing is cut off.
# mount: no
# timeout: 120
[ "$(id -u)" = 0 ] || left_out 'only root can make a small disk'
mkdir -m 700 "$S"
mount -t tmpfs -o size=24m,mode=700 none "$S"
mount_again
running=$(submit "until [ -e $T/go ]; do sleep 0.2; done; seq 1000000 | head -c 3000000")
wait_state "$running" RUNNING
dd if=/dev/zero of="$S/filler" bs=64k status=none 2>/dev/null || true

accepted=0
while [ $accepted -lt 3000 ]; do
	{ printf -- '-H : '; head -c 20000 /dev/zero | tr '\0' x; echo; } >line
	cp line "$W/jobs/new" 2>said || break
	accepted=$((accepted + 1))
done
grep -q 'No space left' said
expect "$(ls "$W/results" | wc -l)" $((accepted + 1))
touch go
within 1000 ls "$W/results"
rm "$S/filler"
wait_until "echo '-H true' >$W/jobs/new"
wait_for "$running"
expect "$(md5sum <"$W/results/$running/stdout")" "$(seq 1000000 | head -c 3000000 | md5sum)"
expect "$(cat "$W/jobs/$running/attempt")" 1
expect "$(count)" $((accepted + 2))
