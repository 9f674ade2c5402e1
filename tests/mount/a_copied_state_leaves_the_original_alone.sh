# A state is copied while jobs run: the copy is a state of its own and says so, the original loses nothing.
# mount: no
# again: no
. "$CASES/sshd.sh"
serve nodeA
listed 2 nodeA
mount_again
wait_up nodeA
line="echo \$\$ >>$T/pids; echo \${SLURM_RESTART_COUNT:-0}; until [ -e $T/end ]; do sleep 0.2; done"
id=$(submit "$line")
wait_until '[ -s pids ]'

cp -a "$S" "$T/copy"
rm "$T/copy/lock"
mkdir other
(S=$T/copy; mount_wulfs "$T/other") 2>said
grep -q 'is a copy' said
grep -q 'is a copy' copy/wulfs.log
# it begins there too, as the copy knows of no other
wait_until '[ $(wc -l <pids) = 2 ]' 20
kill -0 "$(head -n 1 pids)"
expect "$(cat "$W/jobs/$id/state" "$W/nodes/nodeA/reason")" RUNNING
touch end
wait_for "$id"
expect "$(cat "$W/results/$id/stdout") $(cat "other/jobs/$id/wait") $(cat "other/results/$id/stdout")" '0 0 1'
expect "$(cat "$W/jobs/$id/attempt") $(wc -l <pids)" '1 2'

# the second time it is known
daemon=$(S=$T/copy; daemon_pid)
fusermount3 -u other
wait_until "gone $daemon"
(S=$T/copy; mount_wulfs "$T/other") 2>said
if grep 'is a copy' said; then fail 'said twice'; fi
fusermount3 -u other
