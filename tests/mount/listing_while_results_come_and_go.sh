# Whoever stays is listed exactly once, while others come and go.
seq 500 | sed 's/^/-H echo /' >"$W/jobs/new"
for id in $(seq 10000001 2 10000499); do echo cancel >"$W/jobs/$id/ctl"; done
python3 - "$W" <<'END'
import os, sys, threading

mount = sys.argv[1]
stays = {str(job) for job in range(10000002, 10000501, 2)}
done = threading.Event()

def churn():
    for job in range(10000001, 10000500, 2):
        os.rmdir(f"{mount}/results/{job}")
        with open(f"{mount}/jobs/new", "w") as new:
            new.write("-H true\n")
    done.set()

thread = threading.Thread(target=churn)
thread.start()
listings = 0
while not done.is_set():
    for name in ("results", "jobs"):
        names = os.listdir(f"{mount}/{name}")
        assert len(names) == len(set(names)), "an entry twice"
        assert stays <= set(names), "an entry is missing"
    listings += 1
thread.join()
assert listings > 2, listings
END
