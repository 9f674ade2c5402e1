# Where logind ends what a session leaves behind, the node's reason says so; linger and a scope of the user's own spare it.
# mount: no
. "$CASES/sshd.sh"
mkdir "$T/bin"
# program NAME: its text is stdin; each call is noted
program() { { printf '#!/bin/sh\necho "%s $*" >>%s/asked\n' "$1" "$T"; cat; } >"$T/bin/$1" && chmod +x "$T/bin/$1"; }
# logind_kills BOOL SPARED ONLY, as busctl has them
logind_kills() { printf 'b %s\nas %s\nas %s\n' "$@" >"$T/kills"; }
reason() { cat "$W/nodes/nodeA/reason"; }
again() {
	: >"$T/asked"
	echo reconnect >"$W/nodes/nodeA/ctl"
	wait_until "grep -q . $T/asked" 30
	wait_node nodeA IDLE
}

me=$(id -un)
program busctl <<-END
	[ ! -e "$T/hangs" ] || exec sleep 600
	cat "$T/kills"
END
program loginctl <<-END
	cat "$T/linger"
END
program systemd-run <<-'END'
	[ ! -e "${0%/*}/no-bus" ] || exit 1
	while [ "$1" != -- ]; do shift; done
	shift
	export SCOPE=its-own
	exec "$@"
END
make_server nodeA
sed -i "s|^SetEnv |&XDG_SESSION_ID=7 PATH=$T/bin:$PATH |" "$N/nodeA/sshd_config"
start_server nodeA
listed 1 nodeA

# It takes jobs, and says what will happen to them.
logind_kills true '1 "nobody"' 0
echo Linger=no >"$T/linger"
mount_again
wait_node nodeA IDLE
named="systemd-logind there has KillUserProcesses=yes: the agent and its jobs end with the connection; \`loginctl enable-linger $me\` there lets them go on, from the next connection on"
expect "$(reason)" "$named"
expect "$(grep -cF "node nodeA: $named" "$S/wulfs.log")" 1
id=$(submit 'echo ${SCOPE-none}')
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" none
again
expect "$(reason)" "$named"
expect "$(grep -cF "node nodeA: $named" "$S/wulfs.log")" 1

# Who is spared, who is not meant, who does not kill, who does not answer: nothing to do.
logind_kills true "2 \"root\" \"$me\"" 0
again
expect "$(reason)" ''
logind_kills true '1 "nobody"' '1 "somebody"'
again
expect "$(reason)" ''
logind_kills false '1 "nobody"' 0
again
expect "$(reason)" ''
touch "$T/hangs"
logind_kills true '0' 0
again
expect "$(reason)" ''
rm "$T/hangs"
logind_kills true '0' "1 \"$me\""
again
expect "$(reason)" "$named"

# With linger the agent is started outside of the session, where that can be done.
echo Linger=yes >"$T/linger"
touch "$T/bin/no-bus"
again
reason | grep -q "systemd-run --user --scope true. fails there"
rm "$T/bin/no-bus"
kill_9 "$(agent_of nodeA)"
wait_until '[ -z "$(reason)" ]' 30
wait_node nodeA IDLE
id=$(submit 'echo ${SCOPE-none}')
wait_for "$id"
expect "$(cat "$W/results/$id/stdout")" its-own

# A login that is no session of logind's is not asked about.
stop_server nodeA
wait_node nodeA DOWN
sed -i 's/XDG_SESSION_ID=7 //' "$N/nodeA/sshd_config"
: >"$T/asked"
start_server nodeA
wait_node nodeA IDLE
expect "$(cat "$T/asked")$(reason)" ''
