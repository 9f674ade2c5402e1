# A file of a gigabyte is sent and brought back, and nobody holds it in memory.
# timeout: 180
peak() { awk '/VmHWM/ { print int($2 / 1024) }' "/proc/$1/status"; }
size=$(part 1073741824 200000000)
truncate -s $size big
printf 'the end' | dd of=big bs=1 seek=$((size - 7)) conv=notrunc status=none
id=$(submit "--transfer=big --return=back cat /proc/\$PPID/status | grep VmHWM; mv big back; tail -c 7 back")
wait_until "[ -s $W/results/$id/exit ]" 150
grep -q 'the end' "$W/results/$id/stdout"
expect "$(stat -c %s "$W/results/$id/out/back")" $size
cmp big "$W/results/$id/out/back"
[ "$SANITIZED" ] || for process in "$(daemon_pid)" "$(agent_pid)" $(pgrep -P "$(agent_pid)"); do
	[ "$(peak "$process")" -lt 64 ] || fail "$(cat "/proc/$process/cmdline") took $(peak "$process") MiB"
done
wait_until "[ -z \"\$(ls $S/parcels)\" ]"
expect "$(ls "$S/outputs")" "$id.out"
