# The daemon is killed while a found machine runs a job: the next mount takes it up, be the machine announced by then or not.
# mount: no
# again: no
. "$CASES/mdns.sh"
serve alpha
know_announced alpha
announce alpha
mount_again
wait_up alpha
endless() { submit "echo ran >>$T/ran; until [ -e $T/end ]; do sleep 0.2; done; echo done"; }
id=$(endless)
wait_until '[ -e ran ]'
kill_daemon
mount_again
wait_up alpha
expect "$(cat "$W/jobs/$id/state")" RUNNING
withdraw alpha
wait_node alpha DRAINING 5
kill_daemon
mount_again ,discover=no
wait_node alpha DRAINING
touch end
wait_for "$id"
expect "$(cat "$W/results/$id/stdout" ran | paste -s -d' ')" 'done ran'
wait_listed '' 5
leave
rm end ran

# Nobody is there who had it: it runs where one is.
mount_again
announce alpha
wait_up alpha
id=$(endless)
wait_until '[ -e ran ]'
kill_daemon
stop_server alpha
withdraw alpha
touch end
start_server alpha
announce alpha
mount_again
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" 'done'
