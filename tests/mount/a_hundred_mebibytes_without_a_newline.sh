# Whoever writes and never ends a line is refused, and the daemon does not grow.
memory() { sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$(daemon_pid)/status"; }
before=$(memory)
refused 'Invalid argument\|Argument list too long' dd if=/dev/zero of="$W/jobs/new" bs=1M count=100 status=none
tr '\0' x </dev/zero 2>/dev/null | head -c 104857600 >x || true
refused 'Argument list too long' cp x "$W/jobs/new"
[ $(($(memory) - before)) -lt 16384 ] || [ "$SANITIZED" ] || fail "the daemon grew from $before to $(memory) KiB"
expect "$(count)" 0
