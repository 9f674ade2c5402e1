# again: no
# 1,500 lines whose --transfer lists differ, each with a directory of 1,000 files, are looked at beside the owner's thread.
mkdir d
(cd d && seq 1000 | xargs touch)
for n in $(seq 1500); do echo "--transfer=d,$T/./file$n true"; done >lines
seq -f "$T/file%g" 1500 | xargs touch
echo drain >"$W/nodes/local/ctl"
dd if=lines of="$W/jobs/new" bs=1M status=none &
writer=$!
worst=0
while ! gone "$writer"; do
	begun=$(date +%s%3N)
	ls "$W/nodes" >/dev/null
	took=$(($(date +%s%3N) - begun))
	[ "$took" -le "$worst" ] || worst=$took
done
wait "$writer"
expect "$(count)" 1500
[ "$worst" -le $((500 * SLOW)) ] || late "ls took $worst ms"
