# cancel of a pending, a running and a finished job: yes, yes, ESRCH. The whole tree goes, setsid or not.
pending=$(submit '-H true')
echo cancel >"$W/jobs/$pending/ctl"
expect "$(cat "$W/jobs/$pending/state" "$W/jobs/$pending/wait")" "$(printf 'CANCELLED\n255')"

running=$(submit "setsid sh -c 'echo \$\$ >$T/escaped; exec sleep 1000' & sh -c 'echo \$\$ >$T/child; exec sleep 1000' & wait")
wait_until '[ -s escaped ] && [ -s child ]'
echo cancel >"$W/jobs/$running/ctl"
wait_state "$running" CANCELLED
wait_until "gone $(cat child)"
wait_until "gone $(cat escaped)"

ended=$(submit true)
wait_for "$ended"
refused 'No such process' tell "$W/jobs/$ended/ctl" cancel
expect "$(cat "$W/jobs/$ended/state")" COMPLETED
refused 'No such process' tell "$W/jobs/$running/ctl" cancel
