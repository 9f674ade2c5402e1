# 100,000 lines through one open: ids in line order, and the daemon stays small.
# timeout: 120
n=$(part 100000)
memory() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$(daemon_pid)/status"; }

before=$(memory)
seq $n | sed 's/^/-H echo /' >"$W/jobs/new"
after=$(memory)

expect "$(ls "$W/jobs" | grep -c '^1')" $n
expect "$(ls "$W/jobs" | grep '^1' | head -n 1)" 10000001
expect "$(ls "$W/jobs" | grep '^1' | tail -n 1)" $((10000000 + n))
for line in 1 2 777 $((n / 2)) $n; do
	expect "$(cat "$W/jobs/$((10000000 + line))/spec")" "-H echo $line"
done
[ "$SANITIZED" ] || [ $((after - before)) -lt $((n + 20000)) ] || fail "$((after - before)) KiB for $n pending jobs"
