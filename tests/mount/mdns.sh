# mdns.sh - hosts that announce themselves; read instead of netns.sh, with the same words. Multicast goes no further
# than the bridge, which is in a namespace of the case's own.
#
# A host is NAME.local to the others, and what it announces is $N/NAME: its key is its machine's. Names in lower case.

. "$CASES/netns.sh"

ANNOUNCE=${WULFS%/*}/wulfs-announce
cat >>"$N/config" <<-END
	Host *.local
		IdentityFile $N/key
		IdentitiesOnly yes
END

# With discovery, where the hosts are.
mount_again() { within_net hub "$WULFS" -o "state=$S$OPTIONS$*" "$W"; }

# Its key is known by the name that it announces.
know_announced() { echo "$1.local $(cut -d' ' -f1,2 "$N/$1/key.pub")" >>"$N/known_hosts"; }

# as_host NAME COMMAND...: with its name, its network and its /etc/ssh. Without anybody's mounts of
# wulfs, which it would keep from being gone.
as_host() {
	mkdir -p "$N/$1/etc"
	[ -e "$N/$1/etc/ssh_host_ed25519_key.pub" ] || cp "$N/$1/key.pub" "$N/$1/etc/ssh_host_ed25519_key.pub"
	[ -e "$N/$1/etc/sshd_config" ] || echo "Port $(cat "$N/$1/port")" >"$N/$1/etc/sshd_config"
	host=$1
	shift
	inside "$host" unshare --uts --mount sh -c 'umount -a -l -t fuse.wulfs; hostname "$1" && mount --bind "$2" /etc/ssh &&
		shift 2 && exec "$@"' sh "$host" "$N/$host/etc" "$@"
}

# announce NAME [ARGUMENT...]: until withdraw NAME. Where there is no host of that name it has no server either.
announce() {
	announcing=$1
	shift
	as_host "$announcing" "$ANNOUNCE" -f "$@" >"$T/$announcing.said" 2>&1 &
	echo $! >"$N/$announcing/announcer.pid"
	echo $! >"$T/$announcing.announcer"
	wait_until "grep -q announced $T/$announcing.said"
}

withdraw() {
	kill "$(cat "$T/$1.announcer")"
	wait_until "gone $(cat "$T/$1.announcer")"
}

# avahi_daemon NAME [LINE...]: with an ssh.service, and these lines in its configuration's first part
avahi_daemon() {
	avahi=$1 directory=$N/$1/avahi
	shift
	mkdir -p "$directory/services" "$directory/run" "$N/$avahi/etc"
	printf '%s\n' '[server]' "host-name=$avahi" enable-dbus=no use-ipv4=yes use-ipv6=yes "$@" '[publish]' publish-hinfo=no \
		publish-workstation=no '[rlimits]' >"$directory/avahi-daemon.conf"
	cat >"$directory/services/ssh.service" <<-END
		<?xml version="1.0"?><!DOCTYPE service-group SYSTEM "avahi-service.dtd">
		<service-group><name replace-wildcards="yes">%h</name>
		<service><type>_ssh._tcp</type><port>22</port></service></service-group>
	END
	inside "$avahi" unshare --mount sh -c 'umount -a -l -t fuse.wulfs
		mount --bind "$1/services" /etc/avahi/services && mkdir -p /run/avahi-daemon &&
		mount --bind "$1/run" /run/avahi-daemon && exec avahi-daemon -f "$1/avahi-daemon.conf" --no-drop-root --no-chroot' \
		sh "$directory" >"$directory/log" 2>&1 &
	echo $! >"$N/$avahi/avahi.pid"
	echo $! >"$T/$avahi.avahi"
	wait_until "grep -qE 'startup complete|already running|exiting' $directory/log"
}

stop_avahi() {
	kill "$(cat "$T/$1.avahi")"
	wait_until "gone $(cat "$T/$1.avahi")"
}

listed_is() { [ "$(ls "$W/nodes" | paste -s -d' ')" = "$1" ]; }

# wait_listed NAMES [SECONDS]
wait_listed() { wait_until "listed_is '$1'" "${2:-10}"; }

[ -x "$ANNOUNCE" ] || fail "there is no $ANNOUNCE"
kill_all() {
	{ set +x; } 2>/dev/null
	for pid in "$T"/*.announcer "$T"/*.avahi "$T"/*.holder; do
		[ ! -e "$pid" ] || cat "$pid" | each_gets KILL
	done
	kill_servers
}
trap kill_all EXIT
