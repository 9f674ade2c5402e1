# lib.sh - words for the cases, read before each of them, in the POSIX shell that all four shells speak.
#
#   W  the mount point     T  a directory to scribble in, where the case starts    SLOW  factor for deadlines
#   S  the state directory CASES  tests/mount, for a case's helper beside it       WULFS the program
#   SANITIZED  not empty: by a sanitizer, so that how much memory is used says nothing
#
# Any command that fails ends the case, and so do the words below when they do not get what they want.
# Nothing waits for a guessed time: wait_until has a condition and a deadline.

fail() { echo "FAIL: $*" >&2; exit 1; }

# late: as fail, where a deadline has passed and nothing else is known to be wrong. 75 is EX_TEMPFAIL of sysexits.h.
late() { echo "LATE: $*" >&2; exit 75; }

left_out() { echo "left out: $*" >&2; exit 77; }

# part AMOUNT [LEAST]: of a large amount, as much as is to be worked with
part() { part=$(($1 * ${SHARE:-100} / 100)); [ $part -ge "${2:-1}" ] && echo $part || echo "${2:-1}"; }

# expect GOT WANTED
expect() { [ "$1" = "$2" ] || fail "got \"$1\", wanted \"$2\""; }

# refused WORDS COMMAND...: it fails, and says WORDS
refused() {
	words=$1
	shift
	if "$@" >"$T/.said" 2>&1; then fail "not refused: $*"; fi
	grep -q -e "$words" "$T/.said" || fail "refused with \"$(cat "$T/.said")\", wanted \"$words\": $*"
}

# tell FILE WORDS: writes a line to it, by a program that reports the error number (dash's echo does not)
tell() { printf '%s\n' "$2" | dd of="$1" status=none; }

# wait_until CONDITION [SECONDS]
wait_until() {
	{ set +x; } 2>/dev/null
	wait_end=$(($(date +%s) + ${2:-10} * SLOW)) wait_pause=0.02 wait_looks=0
	until eval "$1" >/dev/null 2>&1; do
		[ "$(date +%s)" -le "$wait_end" ] || late "it never came true: $1"
		sleep $wait_pause
		wait_looks=$((wait_looks + 1))
		# A program costs a few milliseconds of CPU to start, and many cases wait at once.
		if [ $wait_looks = 20 ]; then wait_pause=0.1; fi
	done
	set -x
}

# within MILLISECONDS COMMAND...
within() {
	most=$(($1 * SLOW))
	shift
	begun=$(date +%s%3N)
	"$@"
	took=$(($(date +%s%3N) - begun))
	[ "$took" -le "$most" ] || late "took $took ms, not $most: $*"
}

# usually_within MS COMMAND...: the best of five counts, as the machine may be busy with something else.
usually_within() {
	for _ in 1 2 3 4 5; do
		if (within "$@") >/dev/null 2>&1; then return; fi
	done
	within "$@"
}

gone() { ! grep -qs '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status"; }

# --- jobs

# submit LINE: prints the id
submit() { { printf '%s\n' "$1" && read -r submitted && printf '%s\n' "$submitted" >&3; } 3>&1 <>"$W/jobs/new" >&0; }

# wait_for ID [EXIT]
wait_for() { expect "$(cat "$W/jobs/$1/wait")" "${2:-0}"; }

# wait_state ID STATE
wait_state() { wait_until "[ \"\$(cat $W/jobs/$1/state)\" = $2 ]"; }

# count: how many jobs there are
count() { ls -U "$W/results" | wc -l; }

# --- the mount

mount_wulfs() { "$WULFS" -o "state=$S,discover=no,local=2$OPTIONS" "$@"; }

mount_again() { mount_wulfs "$W"; }

daemon_pid() { sed -n 's/^pid \([0-9]*\),.*/\1/p' "$S/lock"; }

agent_pid() { cat "$S/agent/lock"; }

is_mounted() { grep -q " $W fuse.wulfs " /proc/mounts; }

# leave: unmount, and wait for the daemon to be gone
leave() {
	daemon=$(daemon_pid)
	fusermount3 -u "$W"
	wait_until "gone $daemon"
}

# kill_9 PID: and wait until it is dead
kill_9() {
	kill -9 "$1"
	wait_until "gone $1"
}

kill_daemon() { kill_9 "$(daemon_pid)"; }

set -eux
[ "$MOUNTS" = 0 ] || mount_again
