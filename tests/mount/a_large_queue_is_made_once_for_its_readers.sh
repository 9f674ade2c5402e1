# Three hundred readers of a large queue share what was made for one, and the memory is given back. What many hold
# that is not the same has a ceiling.
# timeout: 120
seq 20000 | sed 's/.*/-H sleep 1000 # some command line with text &/' >"$W/jobs/new"
memory() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$(daemon_pid)/status"; }
# What somebody changed is seen by who looks next.
for id in 10000005 10000006 10000007; do
	grep -q "^$id " "$W/queue"
	echo cancel >"$W/jobs/$id/ctl"
	if grep -q "^$id " "$W/queue"; then fail "$id is in queue, though it was cancelled"; fi
done
before=$(memory)
cat >hold.py <<'END'
import os, sys
path, times = sys.argv[1], int(sys.argv[2])
files = [open(path, "rb", buffering=0) for _ in range(times)]
texts = {len(f.read(1 << 24)) for f in files}
assert min(texts) > 1000000, texts
open("held", "w").close()
while not os.path.exists("go"):
    pass
END
python3 hold.py "$W/queue" 300 &
wait_until '[ -e held ]' 30
grown=$(($(memory) - before))
[ "$grown" -lt 60000 ] || [ "$SANITIZED" ] || fail "300 readers cost $grown kB"
touch go
wait $!
[ "$SANITIZED" ] || wait_until "[ \$((\$(memory) - $before)) -lt 20000 ]" 20

# Forty different texts of 3.9 MiB are more than it holds.
rm held go
{ echo '#!/bin/sh'; echo '#SBATCH --hold'; head -c 4000000 /dev/zero | tr '\0' '#'; } >large
for _ in $(seq 40); do cp large "$W/jobs/new"; done
cat >many.py <<'END'
import errno, sys, time
files = []


def is_given(path):
    try:
        open(path).close()
        return True
    except OSError:
        return False


try:
    for n in range(40):
        files.append(open(f"{sys.argv[1]}/jobs/{10020001 + n}/spec", "rb", buffering=0))
except OSError as refused:
    assert refused.errno == errno.ENFILE, refused
    assert len(files) == 33, len(files)
    files.pop().close()                 # the kernel tells of it when it likes
    end = time.monotonic() + 20
    while not is_given(f"{sys.argv[1]}/jobs/10020040/spec"):
        assert time.monotonic() < end
        time.sleep(0.02)
    sys.exit()
sys.exit("all forty were held")
END
python3 many.py "$W"
