# -c takes slots: a wide job is not overtaken for ever, one wider than any node waits and says why.
first=$(submit "until [ -e $T/end ]; do sleep 0.2; done")
wait_state "$first" RUNNING
wide=$(submit "-c 2 echo wide >>$T/order")
small=$(submit "echo small >>$T/order")
toowide=$(submit '-c 64 true')
wait_state "$toowide" PENDING
expect "$(cat "$W/jobs/$wide/state" "$W/jobs/$small/state" | paste -s -d' ')" 'PENDING PENDING'
touch end
wait_for "$wide"
wait_for "$small"
expect "$(cat order)" "$(printf 'wide\nsmall')"
wait_until "[ \"\$(cat $W/jobs/$toowide/reason)\" = BadConstraints ]"
echo 'slots 64' >"$W/nodes/local/ctl"
wait_for "$toowide"
