# What could not be kept is not accepted: the state is removed, or another is put in its place, under the mount.
daemon=$(daemon_pid)
kept=$(submit 'echo kept')
wait_for "$kept"
mv "$S" "$T/elsewhere"
refused 'Input/output error' tell "$W/jobs/new" 'echo two'
grep -q 'wulfs.db: was removed under the mount' "$W/errors"
wait_until "grep -q 'was removed under the mount' $W/nodes/local/reason"
expect "$(count)" 1
mv "$T/elsewhere" "$S"
wait_until "tell $W/jobs/new 'echo three'"
wait_until "[ \$(ls $W/results | wc -l) = 2 ]"
wait_for "$(submit true)"

cp -a "$S/lock" "$T/copy"
mv "$T/copy" "$S/lock"
refused 'Input/output error' tell "$W/jobs/new" 'echo four'
grep -q 'lock: was replaced under the mount' "$W/errors"

rm -rf "$S"
refused 'Input/output error' tell "$W/jobs/new" 'echo five'
fusermount3 -u "$W"
wait_until "gone $daemon"
mount_again
expect "$(count)" 0
wait_for "$(submit true)"
