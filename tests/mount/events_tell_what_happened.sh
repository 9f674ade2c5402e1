# events: a line a change of state, in order, and it only grows; errors: the last 8 refusals.
tail -n +1 -f "$W/events" >followed &
tail=$!
ok=$(submit true)
wait_for "$ok"
bad=$(submit false)
wait_for "$bad" 1
wait_until "grep -q 'job $bad RUNNING FAILED local' followed"
kill $tail
expect "$(grep " job $ok " "$W/events" | cut -d' ' -f2- | paste -s -d,)" \
	"job $ok - PENDING -,job $ok PENDING RUNNING local,job $ok RUNNING COMPLETED local"
expect "$(awk '$1 !~ /^[0-9]+\.[0-9][0-9][0-9]$/' "$W/events")" ''
cp "$W/events" before
leave
mount_again
head -c "$(stat -c %s before)" "$W/events" | cmp - before
