# Its jobs were to run elsewhere, but no other node had room: the node is back, and they go on where they were.
# mount: no
# options: lost_after=2,requeue_after=4
# timeout: 120
. "$CASES/sshd.sh"
serve nodeA
listed 1 nodeA
mount_again
wait_up nodeA
id=$(submit "echo \$\$ >>$T/ran; n=0; until [ -e $T/end ]; do n=\$((n + 1)); echo line \$n; sleep 0.2; done; echo last \$n")
wait_until '[ -s ran ]'
silence nodeA
wait_state "$id" PENDING
heal nodeA
wait_state "$id" RUNNING
touch end
wait_for "$id"
last=$(sed -n 's/^last //p' "$W/results/$id/stdout")
{ seq "$last" | sed 's/^/line /'; echo "last $last"; } | cmp - "$W/results/$id/stdout"
expect "$(wc -l <ran)" 1
expect "$(cat "$W/jobs/$id/attempt")" 1
