# An announced machine whose cable is pulled is DOWN, its jobs run elsewhere; it is used again when it is back.
# mount: no
# options: lost_after=2,requeue_after=4
# timeout: 180
. "$CASES/mdns.sh"
serve alpha beta
for host in alpha beta; do know_announced $host; done
announce alpha
mount_again
wait_up alpha
id=$(submit "echo \$NODE >>$T/ran; echo \$NODE; until [ -e $T/end ]; do sleep 0.2; done")
wait_state "$id" RUNNING
announce beta
wait_up beta
cut_link alpha
wait_node alpha DOWN
usually_within 100 ls "$W/nodes"
wait_until '[ "$(paste -s -d" " ran)" = "alpha beta" ]' 60
touch end
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" beta
mend_link alpha
wait_up alpha
wait_for "$(submit '-w alpha true')"
