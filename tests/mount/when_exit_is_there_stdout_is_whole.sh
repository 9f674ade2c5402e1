# 1,000 jobs, looked at as fast as one can: whoever sees exit sees all of stdout.
seq 1000 | sed 's/.*/echo first; echo &/' >"$W/jobs/new"
python3 - "$W/results" $((120 * SLOW)) <<'END'
import os, sys, time
results, end = sys.argv[1], time.time() + int(sys.argv[2])
left = {10000000 + n: n for n in range(1, 1001)}
while left:
    assert time.time() < end, f"{len(left)} jobs are not done"
    for job, n in list(left.items()):
        if os.path.exists(f"{results}/{job}/exit"):
            with open(f"{results}/{job}/stdout") as stdout:
                assert stdout.read() == f"first\n{n}\n", job
            with open(f"{results}/{job}/exit") as code:
                assert code.read() == "0\n", job
            del left[job]
END
expect "$(cat "$W/jobs/wait")" 'completed 1000 failed 0 cancelled 0'
