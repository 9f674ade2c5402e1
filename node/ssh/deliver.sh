# shellcheck shell=sh disable=SC2154,SC2015
# deliver.sh - the node's part of bringing the agent there (deliver.c has the other).
#
# Read by the node's sh from its stdin, which carries the agent's bytes afterwards. So nothing here may run
# before all is read (the last line does), and no command may inherit stdin but those meant to read it.
# The agent, and with it every task, gets the environment of the login as it is: a variable set here would change
# it where the login exports one of that name. So all of it happens in a subshell, which says where the agent is.
#
# deliver.c adds the last line, a call of main with its words. Said to it, each in a line that begins with the mark:
# want KIND SYSTEM MACHINE, busy, caveat SENTENCE, no WHY; then the agent itself says that it is up.

say() { printf '\n%s %s\n' "$mark" "$*"; }

add_why() { case "; $why;" in *"; $1;"*) ;; *) why="${why:+$why; }$1" ;; esac; }

give_up() {
	say no "$*"
	exit 1
}

# The digest of a file, or nothing where no program knows SHA-256.
digest() {
	set -- "$({ sha256sum <"$1" || shasum -a 256 <"$1" || openssl dgst -sha256 -r <"$1"; } 2>/dev/null)"
	printf '%s' "${1%% *}"
}

# A directory (no link to one) that is ours and that nobody else may write to.
is_private() {
	# shellcheck disable=SC2046 # into words
	set -- $(ls -ldn "$1" 2>/dev/null)
	case $1 in
	d????w* | d???????w*) return 1 ;;
	d*) [ "$3" = "$uid" ] ;;
	*) return 1 ;;
	esac
}

# A place where others cannot put a directory of theirs under our name: not theirs to write to, or sticky.
is_safe_place() {
	# shellcheck disable=SC2046
	set -- $(ls -ldn "$1/." 2>/dev/null)
	case $1 in
	d????????[tT]*) return 0 ;;
	d????w* | d???????w*) return 1 ;;
	d*) [ "$3" = "$uid" ] || [ "$3" = 0 ] ;;
	*) return 1 ;;
	esac
}

runs() { "$1" --version >/dev/null 2>&1 </dev/null; }

# Exactly so many bytes of stdin.
take() {
	if [ "$(printf abc | head -c 2 2>/dev/null)" = ab ]; then
		head -c "$1"
	else
		dd bs=1 count="$1" 2>/dev/null
	fi
}

# Does this directory hold a file, and may it be run?
can_hold_programs() {
	probe=$1/new.$$
	if ! (printf '#!/bin/sh\nexit 0\n' >"$probe") 2>/dev/null || ! chmod 700 "$probe" 2>/dev/null; then
		rm -f "$probe"
		add_why "$1: nothing can be written there (is the disk full?)"
		return 1
	fi
	if ! "$probe" >/dev/null 2>&1 </dev/null; then
		rm -f "$probe"
		add_why "$1: programs may not be run there (mounted noexec?)"
		return 1
	fi
	rm -f "$probe"
}

# What is asked for arrives even where it cannot be kept: the rest of the stream must stay in step.
fetch() {
	fresh=$dir/new.$$
	say want "$1" "$system" "$machine"
	read -r size || exit 1
	[ "$size" -gt 0 ] 2>/dev/null || return 1
	take "$size" | { cat >"$fresh" 2>/dev/null || cat >/dev/null; }
	# shellcheck disable=SC2046
	set -- "$1" "$size" $(wc -c <"$fresh" 2>/dev/null)
	[ "$2" = "$3" ] && return 0
	rm -f "$fresh"
	add_why "$dir: the agent does not fit there (is the disk full?)"
	return 1
}

# One that is there already counts if it is whole; where that cannot be told, it is brought anew.
use_image() {
	[ -n "$image" ] || return 1
	agent=$dir/agent-$image
	[ -f "$agent" ] && [ "$(digest "$agent")" = "$image" ] && runs "$agent" && return 0
	can_hold_programs "$dir" && fetch image || return 1
	chmod 700 "$fresh"
	case $(digest "$fresh") in "$image" | '') ;; *) add_why "the agent was damaged on its way"; rm -f "$fresh"; return 1 ;; esac
	if ! runs "$fresh"; then
		rm -f "$fresh"
		return 1
	fi
	mv -f "$fresh" "$agent"
}

compile() {
	for cc in cc gcc clang tcc; do
		command -v $cc >/dev/null 2>&1 && break
		cc=
	done
	if [ -z "$cc" ]; then
		add_why "no agent for $system $machine is built in, and there is no C compiler there: install one, or build wulfs after make agents"
		return 1
	fi
	can_hold_programs "$dir" && fetch source || return 1
	mkdir "$dir/new.$$.d" && mv "$fresh" "$dir/new.$$.d/source" || return 1
	say busy
	(cd "$dir/new.$$.d" && sh ./source "$cc" agent) >"$dir/compile.log" 2>&1 </dev/null
	if [ -f "$dir/new.$$.d/agent" ] && runs "$dir/new.$$.d/agent"; then
		mv -f "$dir/new.$$.d/agent" "$1"
		rm -rf "$dir/new.$$.d"
		return 0
	fi
	rm -rf "$dir/new.$$.d"
	add_why "$cc could not build the agent: see $dir/compile.log"
	return 1
}

# In a directory that only we can write to, a program that we put there whole (by rename) is as it was.
use_source() {
	agent=$dir/agent-$source-$system-$machine
	[ -f "$agent" ] && runs "$agent" && return 0
	compile "$agent"
}

# The directory NAME in PLACE becomes ours, with an agent in it.
settle() {
	dir=$1/$2
	[ -d "$dir" ] || mkdir "$dir" 2>/dev/null || { add_why "$1: no directory can be made there"; return 1; }
	is_private "$dir" || { add_why "$dir: is not ours alone"; return 1; }
	use_image || use_source
}

settle_at_home() {
	[ -n "$HOME" ] && [ -d "$HOME" ] || { add_why "there is no home directory"; return 1; }
	cache=${XDG_CACHE_HOME:-$HOME/.cache}
	[ -d "$cache" ] || mkdir -p "$cache" 2>/dev/null || { add_why "$cache: cannot be made"; return 1; }
	settle "$cache" wulfs
}

# Where there is no home to use. The name is fixed: the next connection has to find the agent again.
settle_elsewhere() {
	for place in "${TMPDIR:-/tmp}" /tmp /var/tmp /dev/shm; do
		[ -d "$place" ] && is_safe_place "$place" && settle "$place" "wulfs-$uid" && return 0
	done
	for place in "${TMPDIR:-/tmp}" /tmp /var/tmp; do
		fresh=$(mktemp -d "$place/wulfs-XXXXXX" 2>/dev/null) && settle "${fresh%/*}" "${fresh##*/}" && return 0
	done
	return 1
}

boot_id() {
	cat /proc/sys/kernel/random/boot_id 2>/dev/null || sysctl -n kern.bootsessionuuid 2>/dev/null ||
		sysctl -n kern.boottime 2>/dev/null | tr -cd 0-9
}

# Agents that no connection has asked for in a week, and what earlier boots of this node left.
tidy() {
	touch "$agent" 2>/dev/null
	find "$dir" -name 'agent-*' -type f -mtime +7 -exec rm -f {} \; 2>/dev/null
	find "$dir" -name 'new.*' -prune -mtime +1 -exec rm -rf {} \; 2>/dev/null
	for old in "$dir/node-$state-$name-"*; do
		[ -d "$old" ] && [ "$old" != "$1" ] && rm -rf "$old"
	done
} </dev/null

# For two seconds at most; not at all where nothing bounds it.
bounded() { timeout 2 "$@" 2>/dev/null </dev/null; }

# Does systemd-logind end what this login leaves behind? Only sessions of its own have an XDG_SESSION_ID. The lists
# are whom it spares and, if not empty, whom alone it ends: b true as 1 "root" as 0
ends_with_session() {
	[ -n "$XDG_SESSION_ID" ] && command -v busctl >/dev/null 2>&1 || return 1
	case $(bounded busctl get-property org.freedesktop.login1 /org/freedesktop/login1 \
		org.freedesktop.login1.Manager KillUserProcesses KillExcludeUsers KillOnlyUsers | tr '\n' ' ') in
	'b true as '*"\"$user\""*' as '*) return 1 ;;
	'b true as '*' as 0 ' | 'b true as '*' as '*"\"$user\""*) return 0 ;;
	esac
	return 1
}

# Sets start, words to put before the agent's. To linger alone spares nobody: it keeps the user's own systemd, and what
# is in a scope of that one, and not of the session.
outlive_session() {
	start=
	user=$(id -un)
	ends_with_session || return
	ends="systemd-logind there has KillUserProcesses=yes: the agent and its jobs end with the connection"
	if [ "$(bounded loginctl show-user -p Linger "$user")" != Linger=yes ]; then
		say caveat "$ends; \`loginctl enable-linger $user\` there lets them go on, from the next connection on"
		return
	fi
	start='systemd-run --user --scope --quiet -p Delegate=yes --'
	# shellcheck disable=SC2086 # into words
	bounded $start true && return
	start=
	say caveat "$ends; linger is allowed to $user, but \`systemd-run --user --scope true\` fails there"
}

# Prints what to start the agent with, its path and the node's directory, a line each, to descriptor 4.
prepare() {
	mark=$1 state=$2 name=$3 source=$4 images=$5
	umask 077
	why=
	uid=$(id -u)
	system=$(uname -s)
	machine=$(uname -m)
	image=" $images "
	case $image in
	*" $system/$machine="*)
		image=${image#*" $system/$machine="}
		image=${image%% *}
		;;
	*) image= ;;
	esac
	settle_at_home || settle_elsewhere || give_up "$why"
	node=$dir/node-$state-$name-$(boot_id)
	tidy "$node"
	outlive_session
	printf '%s\n%s\n%s\n' "$start" "$agent" "$node" >&4
}

# main MARK STATE NAME SOURCE IMAGES: no variable is set. SOURCE is the SHA-256 of the source, IMAGES are
# "SYSTEM/MACHINE=SHA256 ...".
main() {
	exec 3>&1
	set -- "$1" "$(prepare "$@" 4>&1 >&3 3>&-)"
	exec 3>&-
	[ -n "$2" ] || exit 1
	set -- "$1" "${2%%
*}" "${2#*
}"
	# shellcheck disable=SC2086 # into words
	exec $2 "${3%
*}" attach "${3#*
}" "$1 up"
}
