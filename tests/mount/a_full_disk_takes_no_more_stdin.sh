# A full disk refuses what is written to a job's stdin; what was accepted before is all there, and nothing else.
# mount: no
# timeout: 120
[ "$(id -u)" = 0 ] || left_out 'only root can make a small disk'
mkdir -m 700 "$S"
mount -t tmpfs -o size=24m,mode=700 none "$S"
mount_again
seq 6000000 | head -c 40000000 >data
id=$(submit '-H --stdin md5sum')
if dd if=data of="$W/jobs/$id/stdin" bs=64k 2>said; then fail 'it took 40 MB'; fi
grep -q 'No space left' said
accepted=$(sed -n 's/^\([0-9]*\) bytes.*/\1/p' said)
[ "$accepted" -gt 1000000 ]
expect "$(stat -c %s "$S/inputs/$id")" "$accepted"
grep -q "the stdin of job $id: No space left" "$W/errors"
mount -o remount,size=200m "$S"
wait_until "echo ': room' >$W/jobs/new"
tail -c +$((accepted + 1)) data >"$W/jobs/$id/stdin"
echo eof >"$W/jobs/$id/ctl"
echo release >"$W/jobs/$id/ctl"
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" "$(md5sum <data)"
