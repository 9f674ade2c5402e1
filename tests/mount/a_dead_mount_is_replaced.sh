# What a killed daemon left on the mount point is cleaned away by the next one.
kill_daemon
refused 'not connected\|connection abort' ls "$W"
mount_again
expect "$(ls "$W/jobs")" new
expect "$(grep -c " $W fuse.wulfs " /proc/mounts)" 1
