# What waits for its files is pending, and others go ahead; it can be cancelled, held, and its node drained.
# timeout: 120
truncate -s "$(part 3000 1000)M" big
id=$(submit '--transfer=big true')
other=$(submit '--transfer=big true')
wait_for "$(submit 'true')"
expect "$(cat "$W/jobs/$id/state")" PENDING
within 1000 sh -c "echo cancel >$W/jobs/$id/ctl; cat $W/jobs/$id/wait >said"
expect "$(cat said "$W/jobs/$id/state")" "$(printf '255\nCANCELLED')"
echo hold >"$W/jobs/$other/ctl"
wait_until "[ \$(cat $W/jobs/$other/reason) = JobHeldUser ]"
wait_until "[ -z \"\$(cat $W/jobs/$other/node)\" ]"
echo cancel >"$W/jobs/$other/ctl"
wait_for "$other" 255

id=$(submit '--transfer=big true')
echo drain >"$W/nodes/local/ctl"
wait_until "[ \$(cat $W/jobs/$id/reason) = ReqNodeNotAvail ]" 3
echo cancel >"$W/jobs/$id/ctl"
wait_for "$id" 255
echo resume >"$W/nodes/local/ctl"
wait_for "$(submit true)"
wait_until "[ -z \"\$(ls $S/parcels)\" ]" 60
