# --mem bounds the whole tree of a job, its own shell included; what processes share counts once.
# timeout: 90
cat >hog.py <<'END'
import sys, time
kept = []
while True:
    kept.append(bytearray(1000000))
    time.sleep(0.005)
END
cat >share.py <<'END'
import os, time
big = bytearray(b'1') * 60000000
for _ in range(4):
    if os.fork() == 0:
        time.sleep(0.5)
        os._exit(0)
for _ in range(4):
    os.wait()
print(len(big))
END
one=$(submit '--mem=60M exec python3 hog.py')
tree=$(submit '--mem=100 setsid sleep 4711 & python3 hog.py & python3 hog.py & wait; echo not reached')
each=$(submit '-c 2 --mem-per-cpu=40M exec python3 hog.py')
shared=$(submit '--mem=150M python3 share.py')
for id in "$one" "$tree" "$each"; do
	wait_for "$id" 137
	expect "$(cat "$W/jobs/$id/state" "$W/jobs/$id/reason" | paste -s -d' ')" 'OUT_OF_MEMORY OutOfMemory'
	expect "$(cat "$W/results/$id/stdout")" ''
	grep -q 'limit (--mem)' "$W/results/$id/stderr"
done
wait_for "$shared"
expect "$(cat "$W/results/$shared/stdout")" 60000000
! pgrep -f 'sleep 471[1]'
refused 'Invalid' tell "$W/jobs/new" '--mem=10K true'
grep -q 'less than 1M' "$W/errors"
