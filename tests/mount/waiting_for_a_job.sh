# jobs/ID/wait blocks until the job has ended, for every reader, then gives its exit code.
id=$(submit "until [ -e $T/end ]; do sleep 0.2; done; exit 5")
f=$W/jobs/$id/wait
cat "$f" >by_cat &
busybox cat "$f" >by_busybox &
head -n 1 "$f" >by_head &
dd if="$f" status=none >by_dd &
{ read -r code <"$f" && echo "$code" >by_read; } &
tee by_tee <"$f" >/dev/null &
python3 -c 'import sys; sys.stdout.write(open(sys.argv[1]).read())' "$f" >by_python &
wait_until '[ -e by_cat ] && [ -e by_busybox ] && [ -e by_head ] && [ -e by_dd ] && [ -e by_python ]'
expect "$(cat by_cat by_busybox by_head by_dd by_tee by_python)" ''
[ ! -e by_read ] || fail 'read did not wait'
touch end
within 1500 wait
expect "$(cat by_cat by_busybox by_head by_dd by_tee by_python by_read)" "$(printf '5\n5\n5\n5\n5\n5\n5')"
within 500 cat "$f"
expect "$(cat "$f")" 5
refused 'No such file' cat "$W/jobs/99999998/wait"
