# Two daemons of different states, started in the same instant on one directory: one mounts, the other is refused.
# mount: no
try() {
	for state in a b; do
		"$WULFS" -o "state=$T/$state,discover=no,local=0" "$W" 2>"$T/$state.said" &
		eval "$state=$!"
	done
	mounted=0
	for pid in "$a" "$b"; do
		if wait "$pid"; then mounted=$((mounted + 1)); fi
	done
	expect "$mounted" 1
	expect "$(grep -c " $W fuse.wulfs " /proc/mounts)" 1
	grep -q 'has a fuse.wulfs filesystem mounted on it already' "$T/a.said" "$T/b.said"
	daemons=$(sed -n 's/^pid \([0-9]*\),.*/\1/p' "$T/a/lock" "$T/b/lock")
	fusermount3 -u "$W"
	for pid in $daemons; do wait_until "gone $pid"; done
}
for _ in 1 2 3 4 5 6 7 8; do try; done
