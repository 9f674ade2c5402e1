# What an earlier mount found, or hid, and a file names now, is its owner's: listed, used, and there without discovery.
# mount: no
. "$CASES/mdns.sh"
serve alpha beta gamma
know_announced alpha
know_announced beta
know_announced gamma
announce alpha
announce beta
mount_again
wait_up alpha beta
wait_for "$(submit '-w alpha true')"
rmdir "$W/nodes/beta"
leave
withdraw alpha
withdraw beta
listed 3 alpha beta
within_net hub "$WULFS" -o "state=$S$OPTIONS,discover=no" "$W"
expect "$(ls "$W/nodes" | paste -s -d' ')" 'alpha beta'
wait_up alpha beta
for node in alpha beta; do
	expect "$(cat "$W/nodes/$node/source" "$W/nodes/$node/slots" | paste -s -d' ')" 'nodes 3'
	id=$(submit "-w $node echo \$NODE")
	wait_for "$id"
	expect "$(cat "$W/results/$id/stdout")" "$node"
done
leave

# With discovery, too, whether or not they announce themselves, and once.
announce alpha
announce gamma
mount_again
wait_up alpha beta gamma
expect "$(ls "$W/nodes" | paste -s -d' ')" 'alpha beta gamma'
expect "$(cat "$W/nodes/alpha/source")" nodes
withdraw alpha
wait_for "$(submit '-w alpha true')"
