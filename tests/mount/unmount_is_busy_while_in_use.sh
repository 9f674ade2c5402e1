# As everywhere: with a directory in use or a reader parked, unmounting is EBUSY.
id=$(submit "until [ -e $T/end ]; do sleep 0.2; done")
( cd "$W/jobs" && refused 'busy' fusermount3 -u "$W" )
cat "$W/jobs/$id/wait" >code &
wait_until "ls -l /proc/$!/fd | grep -q jobs/$id/wait"
refused 'busy' fusermount3 -u "$W"
touch end
wait $!
expect "$(cat code)" 0
leave
if is_mounted; then fail 'still mounted'; fi
