# Any signal ends a blocked read at once, Ctrl-Z stops and fg continues it, and the job does not notice.
id=$(submit "until [ -e $T/end ]; do sleep 0.2; done; exit 6")
python3 "$CASES/interrupt_reader.py" $((100 * SLOW)) "$W/jobs/$id/wait" "$W/jobs/wait" "$W/jobs/$id/follow"
expect "$(cat "$W/jobs/$id/state")" RUNNING
cat "$W/jobs/$id/wait" >code &
kill -STOP $!
wait_until "grep -q '^State:.T' /proc/$!/status"
kill -CONT $!
touch end
wait $!
expect "$(cat code)" 6
