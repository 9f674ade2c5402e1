# drain: nothing new starts there, what runs finishes; resume: it goes on. slots: so many at once.
id=$(submit "until [ -e $T/end ]; do sleep 0.2; done")
wait_state "$id" RUNNING
echo 'drain new disk' >"$W/nodes/local/ctl"
expect "$(cat "$W/nodes/local/state" "$W/nodes/local/reason")" "$(printf 'DRAINING\nnew disk')"
next=$(submit true)
touch end
wait_for "$id"
expect "$(cat "$W/nodes/local/state")" DRAINED
expect "$(cat "$W/jobs/$next/state")" PENDING
echo resume >"$W/nodes/local/ctl"
wait_for "$next"
tell "$W/nodes/local/ctl" resume 2>/dev/null && fail 'it is not drained'
grep -q ' nodes/local/ctl: node local is not drained$' "$W/errors"

rm end
echo 'slots 3' >"$W/nodes/local/ctl"
expect "$(cat "$W/nodes/local/slots")" 3
yes "until [ -e $T/end ]; do sleep 0.2; done" | head -n 5 >"$W/jobs/new" || true
wait_until "[ \$(cat $W/nodes/local/running) = 3 ]"
expect "$(cat "$W/nodes/local/state")" ALLOCATED
expect "$(grep -c PENDING "$W/queue")" 2
touch end
cat "$W/jobs/wait"
expect "$(cat "$W/nodes/local/completed")" 7
