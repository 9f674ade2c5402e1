# examples/pp: Parallel Python's tutorial, in its own words, over the mount.
export WULFS="$W"                               # so a program is told where the cluster is
pp=$CASES/../../examples/pp

python3 "$pp/sum_primes.py" >said
grep -qx 'Starting pp with 2 workers' said
grep -qx 'Sum of primes below 100 is 1060' said
grep -qx 'Sum of primes below 100000 is 454396537' said
grep -qx 'Sum of primes below 100700 is 460217613' said
expect "$(grep -c '^Sum of primes' said)" 9
grep -q '^ *9 |  *100.00 | .* | local$' said

python3 "$pp/sum_primes.py" 1 >said
grep -qx 'Starting pp with 1 workers' said
grep -qx 'Sum of primes below 100700 is 460217613' said
expect "$(count)" 18

# Its jobs are programs to read, and to run by hand.
python3 "$W/jobs/last/spec" | diff - "$W/last/stdout"

# Everything else that a program may expect of it.
python3 "$CASES/pp_calls.py"

# The mount is found, if there is one only.
unset WULFS
cd "$pp"
mounts=$(grep -c ' fuse.wulfs ' /proc/mounts)
python3 -c 'import pp; print(pp.find_mount())' >"$T/said" 2>&1 || true
if [ "$mounts" = 1 ]; then expect "$(cat "$T/said")" "$W"; else grep -q "several.*$W" "$T/said"; fi

# Interrupted, it leaves nothing running.
cat >"$T/long.py" <<'PROGRAM'
import signal
import time
import pp

signal.signal(signal.SIGINT, signal.default_int_handler)        # a shell has its background ignore it


def sleep(n):
    time.sleep(n)


server = pp.Server()
jobs = [server.submit(sleep, (600,), (), ("time",)) for n in range(5)]
jobs[0]()
PROGRAM
WULFS=$W PYTHONPATH=$pp python3 "$T/long.py" 2>"$T/said" &
wait_until '[ "$(cat "$W/nodes/local/running")" = 2 ]'
kill -INT $!
wait $! || true
grep -q KeyboardInterrupt "$T/said"
wait_until '[ "$(ls "$W/jobs")" = new ]'
expect "$(cat "$W/jobs/sleep/state")" CANCELLED
