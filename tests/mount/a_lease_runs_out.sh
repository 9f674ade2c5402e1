# Without a mount for longer than the lease a node cleans up: no process is left, no file but the agent's own
# program. The next mount runs the job again.
# mount: no
# options: lease=2
. "$CASES/sshd.sh"
serve nodeA
listed 2 nodeA
mount_again
wait_up nodeA
id=$(submit "echo \$\$ >>$T/ran; echo \$TMPDIR >$T/scratch; seq 1000; touch \$TMPDIR/file; setsid sh -c 'echo \$\$ >>$T/ran; exec sleep 1000' & until [ -e $T/end ]; do sleep 0.2; done")
wait_until "[ -s scratch ] && [ \$(wc -l <ran) = 2 ] && [ -s $W/results/$id/stdout ]"
[ -d "$(cat scratch)" ]
agent=$(agent_of nodeA)
leave
for pid in $agent $(cat ran); do wait_until "gone $pid" 20; done
[ ! -e "$(cat scratch)" ] || fail 'scratch is still there'
expect "$(find "$N/nodeA/cache" "$N/nodeA/tmp" -type f | sed 's/-[0-9a-f]*$//')" "$N/nodeA/cache/wulfs/agent"
expect "$(find "$N/nodeA/tmp" -mindepth 1)" ''
mount_again
wait_until '[ $(wc -l <ran) = 4 ]' 30
touch end
wait_for "$id"
seq 1000 | cmp - "$W/results/$id/stdout"
expect "$(cat "$W/jobs/$id/attempt")" 2
