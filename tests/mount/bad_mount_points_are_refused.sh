# A file, a directory that is not empty, a foreign mount, a state in use: refused in a sentence, nothing changes.
# mount: no
touch file
mkdir full empty other
touch full/x
refused "$T/file: " mount_wulfs "$T/file"
refused "$T/full: " mount_wulfs "$T/full"
refused "$T/missing: " mount_wulfs "$T/missing"
[ -e full/x ] || fail 'the directory was touched'

mount_again
refused "in use by wulfs pid $(daemon_pid), mounted on $W" mount_wulfs "$T/empty"
is_mounted || fail 'the first mount is gone'
expect "$(ls empty)" ''
refused "$W: " "$WULFS" -o "state=$T/other,discover=no" "$W"
is_mounted || fail 'the first mount is gone'
expect "$(count)" 0
leave

[ "$(id -u)" = 0 ] || exit 0
mount -t tmpfs none empty
refused "$T/empty: " mount_wulfs "$T/empty"
grep -q " $T/empty tmpfs " /proc/mounts
