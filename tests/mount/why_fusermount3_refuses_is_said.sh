# Who is not root mounts by fusermount3: why that refuses is in wulfs's own sentence, though it may have no terminal.
# mount: no
[ "$(id -u)" = 0 ] || left_out 'to be somebody else wants root'
[ -x /usr/bin/setpriv ] || left_out 'there is no setpriv here'

# Where all may use /dev/fuse and fuse.conf allows nothing, as on a fresh Debian; it goes with its last process.
cat >as_nobody <<'END'
mount -t tmpfs none /mnt && mknod -m 666 /mnt/fuse c 10 229 && : >/mnt/fuse.conf &&
mount --bind /mnt/fuse /dev/fuse && mount --bind /mnt/fuse.conf /etc/fuse.conf && cp "$1" /mnt/wulfs &&
mkdir /mnt/home /mnt/cluster && chown 65534:65534 /mnt/home /mnt/cluster || exit 77
shift
exec setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/mnt/home XDG_STATE_HOME=/mnt/home/state /mnt/wulfs "$@" /mnt/cluster
END
rc=0
unshare --mount sh -c 'sh as_nobody "$1" -o discover=no,local=0 && fusermount3 -u /mnt/cluster' sh "$WULFS" || rc=$?
[ $rc != 77 ] || left_out 'no devices and mounts of our own here'
expect $rc 0

refused "cannot be mounted: fusermount3: .*'user_allow_other' is set in /etc/fuse.conf" \
	unshare --mount sh as_nobody "$WULFS" -o discover=no,local=0,allow_other
