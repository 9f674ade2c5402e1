"""bench.py BUILD: figures of the wulfs in this build directory on this machine, beside real peers in the same run.

Rounds alternate between wulfs and its peers, and medians are printed, because machines are noisy. CPU times
stand beside the rates for the same reason: they hardly change when others use the machine too.
Everything happens in one temporary directory (under $TMPDIR), is unmounted and removed at the end.

    BENCH_QUICK=1   a tenth of everything, two rounds: to see whether it works
    BENCH_ROUNDS, BENCH_JOBS, BENCH_SAMPLES, BENCH_LINES, BENCH_MIB,
    BENCH_NEIGHBOURS, BENCH_IDLE_NODES   to choose the sizes one by one
    BENCH_ONLY="jobs latency lines results output nodes_jobs nodes_latency nodes_output nodes_memory nodes_idle"
                    only some parts; those that begin with nodes need sshd, and their peers GNU parallel and Dask
"""
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

os.environ["BENCH_BUILD"] = os.path.abspath(sys.argv[1])

import nodes    # noqa: E402
from words import (Mount, bare_loop, cores, cpu, cpu_split, jobs, median, read, rounds, row, samples, say,  # noqa: E402
                   seconds, size, timed, title)

parts = os.environ.get("BENCH_ONLY", "jobs latency lines results output nodes_jobs nodes_latency nodes_output "
                       "nodes_memory nodes_idle").split()
lines = size("LINES", 100000)
mib = size("MIB", 1024)


# --- the parts ---------------------------------------------------------------------------------------

def jobs_through_wulfs(scratch, text):
    """From the first byte written until every exit and output is there. A fresh state each time."""
    with Mount(scratch) as mount:
        mount.wait_for_node()
        mount.run("true")
        before = cpu_split(mount)
        begun = time.monotonic()
        with open(mount / "jobs/new", "wb", buffering=0) as new:
            new.write(text)
        totals = read(mount / "jobs/wait")
        wall = time.monotonic() - begun
        after = cpu_split(mount)
        if totals != f"completed {jobs + 1} failed 0 cancelled 0\n":
            raise RuntimeError(totals)
        # The proof that they are: read them all. Not in the time, as no peer stores them.
        begun = time.monotonic()
        for job in range(10000002, 10000002 + jobs):
            if read(mount / f"results/{job}/exit") != "0\n" or read(mount / f"results/{job}/stdout"):
                raise RuntimeError(f"job {job}")
        reading = time.monotonic() - begun
    return wall, {who: after[who] - before[who] for who in after}, reading


def bench_jobs(scratch):
    """The same command line for all, `sh -c true`, as many at once as there are cores."""
    fewer = max(1, jobs // 10)      # GNU parallel needs some milliseconds for each
    text, some = f"{scratch}/lines", f"{scratch}/fewer-lines"
    with open(text, "w") as file:
        file.write("true\n" * jobs)
    with open(some, "w") as file:
        file.write("true\n" * fewer)
    peers = {
        "bare vfork, exec and wait": (jobs, [bare_loop, str(cores), str(jobs), "/bin/sh", "-c", "true"]),
        f"xargs -P{cores} -n1": (jobs, f"xargs -P{cores} -n1 -d'\\n' /bin/sh -c <{text} >{scratch}/out"),
    }
    if shutil.which("parallel"):
        os.environ.update(PARALLEL_SHELL="/bin/sh", PARALLEL_HOME=scratch)
        peers[f"GNU parallel -j{cores} --joblog, {fewer} jobs"] = (
            fewer, f"parallel --will-cite -j{cores} --joblog {scratch}/log <{some} >{scratch}/out")
    taken = {name: [] for name in peers}
    ours = []
    for _ in range(rounds):
        for name, (_, command) in peers.items():
            taken[name].append(seconds(command))
        ours.append(jobs_through_wulfs(scratch, b"true\n" * jobs))

    def show(name, count, wall, used, ratio):
        row(name, f"{count / wall:.0f}", f"{ratio:.2f}", f"{1e6 * used / count:.0f}", f"{bare_cpu / used * count:.2f}")

    bare = taken["bare vfork, exec and wait"]
    bare_cpu = median(used for _, used in bare) / jobs
    title(f"{jobs} no-op jobs (`true`), {cores} at once", "jobs/s", "of bare", "CPU us/job", "by CPU")
    show("wulfs, through one open of jobs/new (goal 0.70)", jobs, median(wall for wall, _, _ in ours),
         median(sum(split.values()) for _, split, _ in ours),
         median(theirs[0] / wall for (wall, _, _), theirs in zip(ours, bare)))
    for name, (count, _) in peers.items():
        show(name, count, median(wall for wall, _ in taken[name]), median(used for _, used in taken[name]),
             median(theirs[0] / wall * count / jobs for (wall, _), theirs in zip(taken[name], bare)))
    split = {who: 1e6 * median(split[who] for _, split, _ in ours) / jobs for who in ours[0][1]}
    row("wulfs's CPU us/job: " + ", ".join(f"{who} {used:.0f}" for who, used in split.items()))
    row(f"then reading every exit and stdout: {median(reading for _, _, reading in ours):.2f} s")
    if fewer != jobs and shutil.which("parallel"):
        row(f"GNU parallel ran {fewer} jobs; its rate is scaled")


def bench_latency(scratch):
    """One job at a time. Each is on the disk when it is accepted and again when it has ended, so the disk's
    own pace stands beside. A pause (of uneven length, so as not to keep step with any timer) lets the
    processors fall asleep, and waking them is a good part of the time."""
    def spawn_and_wait():
        os.waitpid(os.posix_spawn("/bin/sh", ["sh", "-c", "true"], os.environ), 0)

    def sync_a_page():
        os.write(page, bytes(4096))
        os.fdatasync(page)

    taken = {}
    with Mount(scratch) as mount, open(f"{scratch}/pages", "wb", buffering=0) as pages:
        page = pages.fileno()
        actions = {"wulfs: write, wait, read exit (goals 3, 15)": lambda: mount.run("true"),
                   "posix_spawn and waitpid of sh -c true": spawn_and_wait,
                   "write and fdatasync of 4 KiB": sync_a_page}
        mount.wait_for_node()
        mount.run("true")
        for pause in 0.03, 0:
            for name, action in actions.items():
                times = taken[name, pause] = []
                for _ in range(samples):
                    time.sleep(random.uniform(0, pause))
                    times.append(timed(action))
    title(f"One job at a time, {samples} times", "after a pause", "p99 ms", "at once", "p99 ms")
    for name in actions:
        row(name, *(f"{figure:.2f}" for pause in (0.03, 0) for figure in
                    (median(taken[name, pause]), sorted(taken[name, pause])[samples * 99 // 100])))


def bench_lines(scratch):
    """The node is drained, so that nothing runs and all of them stay pending."""
    ways = {"seq | sed >jobs/new (4 KiB a write)": "seq {} | sed 's/^/.\\/sim /' >{}",
            "cat lines >jobs/new (128 KiB a write)": "cat {2} >{1}"}
    text = f"{scratch}/lines"
    with open(text, "w") as file:
        file.writelines(f"./sim {n}\n" for n in range(lines))
    taken = {way: [] for way in ways}
    for _ in range(rounds):
        for way, command in ways.items():
            with Mount(scratch) as mount:
                mount.wait_for_node()
                mount.tell_node("drain")
                before = mount.memory(), cpu(mount.daemon())[0]
                wall, _ = seconds(command.format(lines, mount / "jobs/new", text))
                taken[way].append((wall, cpu(mount.daemon())[0] - before[1], mount.memory() - before[0]))
    title(f"{lines} lines accepted, none running", "seconds", "daemon CPU s", "bytes/job")
    for way, figures in taken.items():
        row(way + (" (goals 3, 1024)" if "seq" in way else ""), *(f"{median(column):.{digits}f}" for column, digits in
                  zip(([f[0] for f in figures], [f[1] for f in figures], [f[2] / lines for f in figures]), (2, 2, 0))))


def finish_as(state, finished):
    """Give every job the records of the finished one, under its own id. The state is not mounted."""
    db = sqlite3.connect(f"{state}/wulfs.db", isolation_level=None)
    db.execute("BEGIN")
    for table, key in ("task", "id"), ("run", "task"):
        columns = [column[1] for column in db.execute(f"PRAGMA table_info({table})")]
        values = ", ".join("job.id" if column == key else f"one.{column}" for column in columns)
        db.execute(f"REPLACE INTO {table} SELECT {values} FROM job, {table} one WHERE one.{key} = ? AND job.id != ?",
                   (finished, finished))
    db.execute("COMMIT")
    db.close()


def bench_results(scratch):
    """Running so many jobs would take minutes. One is run, the others are accepted and stay pending; then,
    unmounted, each gets a copy of the records that the program wrote of the one."""
    plain = f"{scratch}/plain"
    os.mkdir(plain)
    for n in range(10000001, 10000002 + lines):
        os.mkdir(f"{plain}/{n}")
    commands = {"ls": ["ls"], "ls -l": ["ls", "-l"]}
    taken = {(name, when): [] for name in commands for when in ("just mounted", "again", "plain")}
    mounting = []
    with Mount(scratch) as mount:
        mount.wait_for_node()
        finished = mount.run("true")
        mount.tell_node("drain")
        with open(mount / "jobs/new", "w") as new:
            new.write("true\n" * lines)
        mount.unmount()
        finish_as(mount.state, finished)
        mount.mount()
        if read(mount / "jobs/wait") != f"completed {lines + 1} failed 0 cancelled 0\n":
            raise RuntimeError("not every job counts as finished")
        for _ in range(rounds):
            for name, command in commands.items():
                mount.unmount()
                mounting.append(timed(mount.mount) / 1000)
                for when, where in ("just mounted", mount / "results"), ("again", mount / "results"), ("plain", plain):
                    taken[name, when].append(seconds([*command, where], stdout=subprocess.DEVNULL)[0])
        resident = mount.memory()
    shutil.rmtree(plain)
    title(f"{lines} finished results listed (seconds)", "just mounted", "again", "plain dir", "ratio")
    for name, goal in ("ls", 1), ("ls -l", 2):
        first, again, theirs = (median(taken[name, when]) for when in ("just mounted", "again", "plain"))
        row(f"{name} results (goal {goal})", f"{first:.2f}", f"{again:.2f}", f"{theirs:.2f}", f"{first / theirs:.1f}")
    row(f"mounting them: {median(mounting):.2f} s, the daemon then has {resident / (lines + 1):.0f} bytes a job")


def bench_output(scratch):
    """The plain file is the one that the mount reads from, in the page cache."""
    def cat(path):
        return mib / seconds(["cat", path], stdout=subprocess.DEVNULL)[0]

    taken = {"plain": [], "first": [], "again": []}
    with Mount(scratch) as mount:
        mount.wait_for_node()
        collecting = timed(lambda: mount.run(f"head -c {mib}M /dev/zero")) / 1000
        writing = seconds(f"head -c {mib}M /dev/zero | cat >{scratch}/copy && sync {scratch}/copy")[0]
        os.unlink(f"{scratch}/copy")
        job = os.readlink(mount / "jobs/last")
        plain, ours = f"{mount.state}/outputs/{job}.stdout", mount / f"results/{job}/stdout"
        if os.path.getsize(plain) != mib << 20:
            raise RuntimeError(f"{plain} is not whole")
        for _ in range(rounds):
            mount.remount()
            cat(plain)
            taken["plain"].append(cat(plain))
            taken["first"].append(cat(ours))
            taken["again"].append(cat(ours))
    theirs = median(taken["plain"])
    title(f"A finished output of {mib} MiB", "MiB/s", "of plain")
    for name, rates in (("cat results/ID/stdout, just mounted (goal 0.50)", taken["first"]),
                        ("cat results/ID/stdout, again: kernel-cached", taken["again"]),
                        ("cat of the plain file in the page cache", taken["plain"])):
        row(name, f"{median(rates):.0f}", f"{median(rates) / theirs:.2f}")
    row("the job that wrote it, until its exit", f"{mib / collecting:.0f}")
    row("head | cat >file, and sync", f"{mib / writing:.0f}")


def main():
    for received in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
        signal.signal(received, lambda number, _: sys.exit(128 + number))
    os.environ["LC_ALL"] = "C"
    scratch = tempfile.mkdtemp(prefix="wulfs-bench.")
    kind = subprocess.run(["df", "--output=fstype", scratch], capture_output=True, text=True).stdout.split()[-1]
    try:
        say(f"{cores} cores, Linux {os.uname().release}, state on {kind}; medians of {rounds} rounds; "
            f"load before: {os.getloadavg()[0]:.1f}")
        for part in parts:
            if part.startswith("nodes") and not os.path.exists("/usr/sbin/sshd"):
                say(f"{part}: left out, there is no /usr/sbin/sshd here (make deps-bench)")
            else:
                (getattr(nodes, f"bench_{part}", None) or globals()[f"bench_{part}"])(scratch)
    finally:
        shutil.rmtree(scratch)


main()
