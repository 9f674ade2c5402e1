# A machine gets another address while it runs jobs: they go on, and what it is sent and sends arrives, once.
# mount: no
# options: lost_after=60,requeue_after=120
. "$CASES/mdns.sh"
serve alpha
sed -i 's/^ListenAddress .*/ListenAddress 0.0.0.0/' "$N/alpha/sshd_config"
stop_server alpha
start_server alpha
know_announced alpha
announce alpha
mount_again
wait_up alpha
id=$(submit "echo ran >>$T/ran; n=0; until [ -e $T/end ]; do n=\$((n + 1)); echo line \$n; sleep 0.2; done; echo last \$n")
wait_until "grep -q line $W/results/$id/stdout"
within_net alpha ip address delete "$(cat "$N/alpha/address")/24" dev eth0
within_net alpha ip address add 10.77.0.77/24 dev eth0
wait_until "[ \"\$(cat $W/nodes/alpha/address)\" = 10.77.0.77 ]" 20
wait_up alpha
size=$(stat -c %s "$W/results/$id/stdout")
wait_until "[ \$(stat -c %s $W/results/$id/stdout) -gt $size ]"
touch end
wait_for "$id"
last=$(sed -n 's/^last //p' "$W/results/$id/stdout")
{ seq "$last" | sed 's/^/line /'; echo "last $last"; } | cmp - "$W/results/$id/stdout"
expect "$(cat ran)" ran
expect "$(ls "$W/nodes")" alpha
wait_for "$(submit true)"
