# sshd.sh - real SSH servers on this machine, for cases that read it before they mount:
#
#	. "$CASES/sshd.sh"
#	serve nodeA nodeB
#	mount_again
#
# Each server is a node of its own: its home, host key and log are in $N/NAME, and its jobs find its name in
# $NODE. All are in an ssh_config and a known_hosts file that $OPTIONS names, and there is no node `local`;
# nothing of the user's own set-up is read or written. They are killed when the case ends.

N=${T%/*}/nodes

# --- making them

# Where NAME listens and how a program is run there. A case may know better: netns.sh.
place() { address=127.0.0.1 port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'); }
inside() { shift; exec "$@"; }

make_key() { ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$2" </dev/null; }

# The name of a host in known_hosts
known_as() { [ "$(cat "$N/$1/port")" = 22 ] && cat "$N/$1/address" || echo "[$(cat "$N/$1/address")]:$(cat "$N/$1/port")"; }

know() { echo "$(known_as "$1") $(cut -d' ' -f1,2 "$N/$1/key.pub")" >>"$N/known_hosts"; }

make_server() {
	mkdir -m 700 "$N/$1" "$N/$1/tmp"
	make_key "host $1" "$N/$1/key"
	place "$1"
	echo "$address" >"$N/$1/address"
	echo "$port" >"$N/$1/port"
	cat >"$N/$1/sshd_config" <<-END
		ListenAddress $address
		Port $port
		HostKey $N/$1/key
		AuthorizedKeysFile $N/key.pub
		PidFile none
		PermitRootLogin yes
		UsePAM no
		StrictModes no
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		UseDNS no
		PrintMotd no
		PrintLastLog no
		LogLevel DEBUG1
		SetEnv NODE=$1 HOME=$N/$1 TMPDIR=$N/$1/tmp XDG_CACHE_HOME=$N/$1/cache WULFS_TEST=$WULFS_TEST ASAN_OPTIONS=$ASAN_OPTIONS
	END
	cat >>"$N/config" <<-END
		Host $1
			HostName $address
			Port $port
			IdentityFile $N/key
			IdentitiesOnly yes
	END
	know "$1"
}

# To the log, and nothing else: that is what its being ready is told by.
start_server() {
	: >"$N/$1/log"
	inside "$1" /usr/sbin/sshd -D -e -f "$N/$1/sshd_config" 2>>"$N/$1/log" &
	echo $! >"$N/$1/pid"
	wait_until "grep -q 'Server listening' $N/$1/log"
}

serve() {
	for server; do
		make_server "$server"
		start_server "$server"
	done
}

# --- what happens to them

listener() { cat "$N/$1/pid"; }

# Its connections, each a process: none is fine.
sessions() { pgrep -P "$(listener "$1")" || true; }

# each_gets SIGNAL: those whose numbers are read; one may be gone meanwhile
each_gets() { xargs -r kill "-$1" 2>/dev/null || true; }

# The connections break off; who wants may come again.
break_off() { sessions "$1" | each_gets KILL; }

# The server goes, and its connections with it.
stop_server() {
	kill -STOP "$(listener "$1")"           # or a connection could come in between
	break_off "$1"
	kill_9 "$(listener "$1")"
}

# Not a word any more from there, as when a cable is pulled: the node itself goes on.
silence() {
	kill -STOP "$(listener "$1")"
	sessions "$1" | each_gets STOP
}

heal() { { listener "$1"; sessions "$1"; } | each_gets CONT; }

node_directory() { echo "$N/$1"/cache/wulfs/node-*; }

agent_of() { cat "$(node_directory "$1")/lock"; }

# told_nothing NAME: nobody has said there who he is
told_nothing() {
	grep -q 'Connection from' "$N/$1/log" || fail "nobody came to $1"
	if grep -q userauth-request "$N/$1/log"; then fail "$1 was told who comes"; fi
}

# installed_anew NAME: it has another host key
installed_anew() {
	stop_server "$1"
	rm "$N/$1/key" "$N/$1/key.pub"
	make_key "host $1, anew" "$N/$1/key"
	start_server "$1"
}

fingerprint_of() { ssh-keygen -lf "$N/$1/key.pub" | cut -d' ' -f2; }

# --- as the mount has them

node_is() { [ "$(cat "$W/nodes/$1/state")" = "$2" ]; }

# wait_node NAME STATE [SECONDS]
wait_node() { wait_until "node_is $1 $2" "${3:-30}"; }

wait_up() {
	for server; do
		wait_until "cat $W/nodes/$server/state | grep -qxE 'IDLE|MIXED|ALLOCATED'" 30
	done
}

# listed SLOTS NAME...: they are in the file of nodes
listed() {
	listed_slots=$1
	shift
	printf "$listed_slots/%s\n" "$@" >>"$N/list"
}

kill_servers() {
	{ set +x; } 2>/dev/null
	for pid in "$N"/*/pid; do
		[ ! -e "$pid" ] || { cat "$pid"; pgrep -P "$(cat "$pid")"; } | each_gets KILL
	done
}

[ -x /usr/sbin/sshd ] || left_out 'there is no /usr/sbin/sshd here'
[ "$(id -u)" != 0 ] || mkdir -p /run/sshd      # Debian's start script makes it; sshd of root wants it
mkdir -m 700 "$N"
make_key 'who mounts' "$N/key"
touch "$N/known_hosts" "$N/list" "$N/config"
OPTIONS=",local=0,ssh_config=$N/config,known_hosts=$N/known_hosts,nodes=$N/list$OPTIONS"
trap kill_servers EXIT
