# grep -r, find -exec, tar, du and rsync over 100 running jobs come to an end, and nothing has changed.
# options: local=100
# timeout: 120
mkfifo end
yes "read -r _ <$T/end || true" | head -n 100 >"$W/jobs/new" || true
wait_until "[ \$(grep -c RUNNING $W/queue) = 100 ]" 60
if mkdir "$W/refused"; then fail 'a directory was made'; fi
cp "$W/events" "$W/errors" .
within 20000 grep -r . "$W" >/dev/null
within 20000 find "$W" -type f -exec cat {} + >/dev/null
within 20000 tar -cf walked.tar "$W" || [ $? = 1 ]      # a file may grow meanwhile
within 20000 du -a "$W" >/dev/null
within 20000 ls -lR "$W" >/dev/null
if command -v rsync >/dev/null; then within 20000 rsync -a "$W" copy; fi
[ "$(tar -tf walked.tar | wc -l)" -gt 1000 ] || fail 'tar saw too little'
cmp events "$W/events"
cmp errors "$W/errors"
expect "$(grep -c RUNNING "$W/queue")" 100
: >end
expect "$(cat "$W/jobs/wait")" 'completed 100 failed 0 cancelled 0'
