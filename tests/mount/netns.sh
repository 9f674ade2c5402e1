# netns.sh - hosts with addresses of their own: network namespaces on a bridge; read instead of sshd.sh, with the
# same words. The hub 10.77.0.1 is where wulfs runs; its links to the hosts can be cut.
#
# A namespace is held by a process of the case and by nothing else: when that is killed, the kernel takes it
# down with everything in it. Nothing outside is touched.

[ "$(id -u)" = 0 ] || left_out 'network namespaces want root'

hosts=0

# hold WHO: a fresh namespace
hold() {
	unshare --net sleep infinity 2>>"$T/unshare" &
	echo $! >"$T/$1.holder"
	wait_until "[ -s $T/unshare ] || [ \$(readlink /proc/$!/ns/net) != $(readlink /proc/self/ns/net) ]"
	[ ! -s "$T/unshare" ] || left_out "no network namespaces here: $(cat "$T/unshare")"
	nsenter --net="/proc/$!/ns/net" ip link set lo up
}

# within_net WHO COMMAND...
within_net() {
	net=/proc/$(cat "$T/$1.holder")/ns/net
	shift
	nsenter --net="$net" "$@"
}

hold hub
within_net hub ip link add bridge type bridge 2>"$T/bridge" || left_out "no bridge here: $(cat "$T/bridge")"
within_net hub ip address add 10.77.0.1/24 dev bridge
within_net hub ip link set bridge up

. "$CASES/sshd.sh"

# A host's end of its link is called eth0, the hub's end as the host.
place() {
	hosts=$((hosts + 1))
	address=10.77.0.$((hosts + 1)) port=22
	hold "$1"
	within_net hub ip link add "$1" type veth peer name eth0 netns "$(cat "$T/$1.holder")"
	within_net hub ip link set "$1" master bridge up
	within_net "$1" ip address add $address/24 dev eth0
	within_net "$1" ip link set eth0 up
}

inside() {
	net=/proc/$(cat "$T/$1.holder")/ns/net
	shift
	exec nsenter --net="$net" "$@"
}

# Not the mount namespace, or nobody here would see the mount.
mount_again() { within_net hub "$WULFS" -o "state=$S,discover=no,local=2$OPTIONS" "$W"; }

cut_link() { within_net hub ip link set "$1" down; }

mend_link() { within_net hub ip link set "$1" up; }
