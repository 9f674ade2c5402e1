# A node silent for longer than requeue_after: its jobs run elsewhere, once. When it is back the old runs are
# killed and what they bring is dropped.
# mount: no
# options: lost_after=2,requeue_after=5
# timeout: 120
. "$CASES/sshd.sh"
serve nodeA nodeB
listed 2 nodeA nodeB
mount_again
wait_up nodeA nodeB
echo 'drain later' >"$W/nodes/nodeB/ctl"
id=$(submit "echo \$NODE \$\$ >>$T/ran; echo \$NODE \${SLURM_RESTART_COUNT:-0}; until [ -e $T/end ]; do sleep 0.2; done; echo \$NODE")
once=$(submit "--no-requeue echo \$NODE \$\$ >>$T/once; until [ -e $T/end ]; do sleep 0.2; done")
wait_until '[ -s ran ] && [ -s once ]'
echo resume >"$W/nodes/nodeB/ctl"
silence nodeA
wait_until '[ $(wc -l <ran) = 2 ]' 30
expect "$(cut -d' ' -f1 ran | paste -s -d' ')" 'nodeA nodeB'
wait_for "$once" 255
expect "$(cat "$W/jobs/$once/state" "$W/jobs/$once/reason" | paste -s -d' ')" 'NODE_FAIL NodeDown'
old=$(sed -n 's/^nodeA //p' ran once)
for pid in $old; do kill -0 "$pid"; done        # nobody could tell them
heal nodeA
wait_up nodeA
for pid in $old; do wait_until "gone $pid"; done
touch end
wait_for "$id"
expect "$(cat "$W/results/$id/stdout" "$W/jobs/$id/node" "$W/jobs/$id/attempt" | paste -s -d' ')" 'nodeB 1 nodeB nodeB 2'
expect "$(wc -l <ran)" 2
expect "$(cat "$W/jobs/$once/state")" NODE_FAIL
