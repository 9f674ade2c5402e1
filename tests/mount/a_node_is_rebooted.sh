# The power of a node fails and comes back: its jobs run again at once, not after requeue_after, and what the old
# boot left behind is gone. The node is a PID namespace, so that all of it dies in one moment, and has a boot_id
# of its own. What else is mounted is not taken along: a copy would keep other cases' daemons alive.
# mount: no
. "$CASES/sshd.sh"
[ "$(id -u)" = 0 ] || left_out 'PID namespaces want root'
inside() {
	cat /proc/sys/kernel/random/uuid >"$N/$1/boot_id"
	boot=$N/$1/boot_id
	shift
	exec unshare --mount --pid --fork --kill-child --mount-proc sh -ec \
		'umount -l -a -t fuse.wulfs; mount --bind "$0" /proc/sys/kernel/random/boot_id; exec "$@"' "$boot" "$@"
}
power_off() { pkill -9 -P "$(listener "$1")" && wait_until "gone $(listener "$1")"; }
unshare --mount --pid --fork --mount-proc true 2>/dev/null || left_out 'no PID namespaces here'
serve nodeA
listed 2 nodeA
mount_again
wait_up nodeA
done=$(submit 'seq 1000')
wait_for "$done"
id=$(submit "echo \$NODE >>$T/ran; echo \${SLURM_RESTART_COUNT:-0}; until [ -e $T/end ]; do sleep 0.2; done")
once=$(submit "--no-requeue echo \$NODE >>$T/once; until [ -e $T/end ]; do sleep 0.2; done")
wait_until '[ -s ran ] && [ -s once ]'
old=$(node_directory nodeA)
[ -d "$old" ]
power_off nodeA
wait_node nodeA DOWN
expect "$(cat "$W/jobs/$id/state")" RUNNING     # nobody knows yet; it could be the cable
start_server nodeA
wait_until '[ $(wc -l <ran) = 2 ]' 30
wait_for "$once" 255
expect "$(cat "$W/jobs/$once/state" "$W/jobs/$once/reason" | paste -s -d' ')" 'NODE_FAIL NodeDown'
touch end
wait_for "$id"
expect "$(cat "$W/results/$id/stdout" "$W/jobs/$id/attempt" | paste -s -d' ')" '1 2'
expect "$(wc -l <ran) $(wc -l <once)" '2 1'
seq 1000 | cmp - "$W/results/$done/stdout"
[ ! -e "$old" ] || fail 'the old boot left its files'
