# A host of avahi-daemon's ssh.service is FOUND and not contacted: until its key is asked for, it is trusted, or made a node.
# mount: no
. "$CASES/mdns.sh"
command -v avahi-daemon >/dev/null || left_out 'there is no avahi-daemon here'
untouched() { if grep -q 'Connection from' "$N/$1/log"; then fail "$1 was contacted"; fi; }

serve alpha beta gamma
avahi_daemon alpha
avahi_daemon beta
mount_again
wait_listed 'alpha beta'
expect "$(cat "$W/nodes/alpha/state")" FOUND
expect "$(cat "$W/nodes/alpha/source")" dns-sd
expect "$(cat "$W/nodes/alpha/fingerprint")" ''
grep -q trust "$W/nodes/alpha/reason"
id=$(submit 'echo $NODE')
refused 'Resource temporarily unavailable' tell "$W/nodes/alpha/ctl" "trust $(fingerprint_of alpha)"
untouched alpha

# Its key is read, and it is as it was.
echo reconnect >"$W/nodes/alpha/ctl"
wait_until "[ \"\$(cat $W/nodes/alpha/fingerprint)\" = $(fingerprint_of alpha) ]"
expect "$(cat "$W/nodes/alpha/state")" FOUND
told_nothing alpha
expect "$(cat "$W/jobs/$id/state")" PENDING
echo "trust $(fingerprint_of alpha)" >"$W/nodes/alpha/ctl"
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" alpha

# Both at once on one host are one node; when only the daemon is left, a node that is not the owner's is left alone.
untouched beta
know_announced beta
announce beta
wait_node beta IDLE 5
expect "$(ls "$W/nodes" | paste -s -d' ')" 'alpha beta'
withdraw beta
wait_node beta FOUND 5
expect "$(ls "$W/nodes" | paste -s -d' ')" 'alpha beta'

# Made a node by another of its names, it is that node only.
mkdir "$W/nodes/root@beta.local"
wait_node root@beta.local IDLE
wait_listed 'alpha root@beta.local'

# Gone with the daemon; back with it, as the owner said.
stop_avahi alpha
wait_listed root@beta.local 3
leave
mount_again
avahi_daemon alpha
wait_node alpha IDLE

# Removed, it is not seen again until it is made: in this mount and in later ones.
rmdir "$W/nodes/alpha"
wait_listed root@beta.local
stop_avahi alpha
avahi_daemon alpha
leave
mount_again
wait_up root@beta.local
avahi_daemon gamma
wait_listed 'gamma root@beta.local'     # heard after alpha
mkdir "$W/nodes/alpha"
wait_node alpha IDLE
expect "$(cat "$W/nodes/alpha/source")" mkdir
stop_avahi alpha
expect "$(cat "$W/nodes/alpha/state")" IDLE
