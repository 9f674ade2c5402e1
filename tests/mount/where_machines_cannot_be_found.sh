# Where machines cannot be looked for, the mount is there all the same, and the log and events say why; when they can, they are.
# mount: no
. "$CASES/mdns.sh"
why() { grep -q "^[0-9.]* discovery - ON OFF .*$1" "$W/events" && grep -q "discovery is off: .*$1" "$S/wulfs.log"; }
command -v avahi-daemon >/dev/null || left_out 'there is no avahi-daemon here'

hold hub2
serve alpha
know_announced alpha
announce alpha

# Another responder that shares with nobody.
avahi_daemon hub disallow-other-stacks=yes
mount_again
wait_until 'why disallow-other-stacks'
expect "$(ls "$W/nodes")" ''
stop_avahi hub
wait_node alpha IDLE
grep -q ' discovery - OFF ON -' "$W/events"
leave

# One that does.
avahi_daemon hub
mount_again
wait_node alpha IDLE
leave
stop_avahi hub

# An interface that is not there, is there, and is not the one.
mount_again ,interface=cable
wait_until 'why cable'
wait_for "$(mkdir "$W/nodes/alpha" && submit '-w alpha true')"
rmdir "$W/nodes/alpha"
leave
mount_again ,interface=bridge
wait_node alpha IDLE
leave
within_net hub ip link add other type bridge
within_net hub ip address add 10.78.0.1/24 dev other
within_net hub ip link set other up
mount_again ,interface=other
wait_until "[ \$(grep -c 'discovery - OFF ON' $W/events) = 4 ]"
avahi_daemon alpha      # until that would have been heard: here it is, by another
within_net hub timeout 10 "$ANNOUNCE" -f >"$T/hub.said" 2>&1 &
wait_until "grep -q announced $T/hub.said"
expect "$(ls "$W/nodes")" ''
leave
refused 'not the name' "$WULFS" -o "state=$S,interface=a/b" "$W"

# No network at all.
OPTIONS=,local=1
within_net hub2 "$WULFS" -o "state=$S$OPTIONS" "$W"
wait_until 'why "no network interface"'
wait_for "$(submit true)"
