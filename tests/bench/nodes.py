"""nodes.py: figures of nodes over SSH: four real sshd's on loopback ports, two slots each, beside what others
do over the same four. Everything runs on one machine, so a rate says what dispatching costs both ends together.

Where the system has control groups and we may make one, its CPU time is what a way of running jobs costs as a
whole: clients, daemon, sshd's, agents and the jobs."""
import hashlib
import os
import random
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from words import Mount, build, jobs, median, number_in, quick, read, rounds, row, samples, seconds, size, timed, title, wait_until

neighbours = int(os.environ.get("BENCH_NEIGHBOURS", 1000))
idle_nodes = int(os.environ.get("BENCH_IDLE_NODES", 100))
NODES, SLOTS = 4, 2
names = [f"node{n}" for n in range(NODES)]


# --- what all of them cost ---------------------------------------------------------------------------

class Group:
    """A control group that this process and all it starts from now on are in; version 2, else 1, else none."""

    def __init__(self):
        self.home = self.path = None
        for base, usage in ("/sys/fs/cgroup", "cpu.stat"), ("/sys/fs/cgroup/cpuacct", "cpuacct.usage"):
            if os.path.exists(f"{base}/cgroup.procs") and os.access(base, os.W_OK):
                path = f"{base}/wulfs-bench.{os.getpid()}"
                try:
                    os.mkdir(path)
                    with open(f"{path}/cgroup.procs", "w") as procs:
                        procs.write(str(os.getpid()))
                except OSError:
                    continue
                if os.path.exists(f"{path}/{usage}"):
                    self.home, self.path, self.usage = base, path, f"{path}/{usage}"
                    return

    def seconds(self):
        """CPU seconds of all in it; None if that cannot be known."""
        if not self.path:
            return None
        if self.usage.endswith("stat"):
            return number_in(self.usage, r"usage_usec (\d+)") / 1e6
        return int(read(self.usage)) / 1e9

    def leave(self):
        if self.path:
            with open(f"{self.home}/cgroup.procs", "w") as procs:
                procs.write(str(os.getpid()))
            try:
                wait_until(lambda: not read(f"{self.path}/cgroup.procs"), "all have gone", 10)
                os.rmdir(self.path)
            except (OSError, TimeoutError) as error:
                print(f"{self.path} is left behind: {error}", file=sys.stderr)


def costed(group, action):
    """Wall and CPU seconds of an action, and what it returns."""
    before, begun = group.seconds(), time.monotonic()
    result = action()
    wall, after = time.monotonic() - begun, group.seconds()
    return wall, after - before if after is not None else None, result


# --- servers -----------------------------------------------------------------------------------------

def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_key(path):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)


class Servers:
    """Four sshd's with homes of their own, and an ssh_config that knows them and reads nothing of the user's."""

    def __init__(self, scratch):
        self.home = tempfile.mkdtemp(dir=scratch)
        self.config, self.known, self.list = (f"{self.home}/{name}" for name in ("config", "known_hosts", "nodes"))
        self.wrapper = f"{self.home}/ssh"       # for who takes a program, but no options for it
        self.sshds, self.masters = [], []

    def __enter__(self):
        self.group = Group()
        make_key(f"{self.home}/key")
        with open(self.wrapper, "w", opener=lambda path, flags: os.open(path, flags, 0o700)) as wrapper:
            wrapper.write(f'#!/bin/sh\nexec ssh -F {self.config} "$@"\n')
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)     # Debian's start script makes it; sshd of root wants it
        try:
            for name in names:
                self.serve(name)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for name in self.masters:
            subprocess.run(self.ssh(name, "-O", "exit"), stderr=subprocess.DEVNULL)
        for sshd in self.sshds:
            sshd.kill()
            sshd.wait()
        self.group.leave()
        shutil.rmtree(self.home)

    def serve(self, name, aliases=()):
        home, port = f"{self.home}/{name}", free_port()
        os.makedirs(f"{home}/tmp", 0o700)
        make_key(f"{home}/key")
        with open(f"{home}/sshd_config", "w") as config:
            config.write(f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {home}/key\nPidFile none\n"
                         f"AuthorizedKeysFile {self.home}/key.pub\nPermitRootLogin yes\nUsePAM no\nStrictModes no\n"
                         f"UseDNS no\nPrintMotd no\nPrintLastLog no\nMaxStartups 100\nMaxSessions 20\n"
                         f"SetEnv HOME={home} TMPDIR={home}/tmp XDG_CACHE_HOME={home}/cache\n")
        with open(f"{home}/log", "w") as log:
            self.sshds.append(subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", f"{home}/sshd_config"], stderr=log))
        wait_until(lambda: "Server listening" in read(f"{home}/log"), f"{name} listens")
        with open(self.config, "a") as config:
            config.write(f"Host {name}\n  HostName 127.0.0.1\n  Port {port}\n  IdentityFile {self.home}/key\n"
                         f"  IdentitiesOnly yes\n  UserKnownHostsFile {self.known}\n  LogLevel ERROR\n"
                         f"  ControlPath {self.home}/%h-%p\n")
        with open(self.known, "a") as known:
            known.write(f"[127.0.0.1]:{port} {' '.join(read(f'{home}/key.pub').split()[:2])}\n")

    def ssh(self, name, *words):
        return ["ssh", "-F", self.config, *words, name]

    def start_masters(self):
        for name in names:
            subprocess.run(self.ssh(name, "-o", "ControlMaster=yes", "-N", "-f"), check=True)
            self.masters.append(name)

    def options(self, listed=None):
        with open(self.list, "w") as file:
            file.writelines(f"{SLOTS}/{name}\n" for name in listed or names)
        return f",local=0,ssh_config={self.config},known_hosts={self.known},nodes={self.list}"


class Nodes(Mount):
    """A mount of the servers. Their agents go with it, as nothing is left to do."""

    def __init__(self, servers, listed=None):
        super().__init__(servers.home, servers.options(listed))
        self.listed = listed or names

    def wait_for_nodes(self, seconds=30):
        wait_until(lambda: all(read(self / f"nodes/{name}/state") == "IDLE\n" for name in self.listed), "all are up", seconds)


# --- the parts ---------------------------------------------------------------------------------------

def through_wulfs(servers, count):
    with Nodes(servers) as mount:
        mount.wait_for_nodes()
        mount.run("true")

        def submit_and_wait():
            with open(mount / "jobs/new", "wb", buffering=0) as new:
                new.write(b"true\n" * count)
            return read(mount / "jobs/wait")

        wall, used, totals = costed(servers.group, submit_and_wait)
        if totals != f"completed {count + 1} failed 0 cancelled 0\n":
            raise RuntimeError(totals)
        return wall, used


def worker_commands(servers):
    return [" ".join(["exec", *map(shlex.quote, servers.ssh(name)), f"{build}/bench/bare_workers", "work", str(SLOTS)])
            for name in names]


def through_bare_workers(servers, count):
    command = [f"{build}/bench/bare_workers", "drive", str(count), "64", *worker_commands(servers)]
    return costed(servers.group, lambda: subprocess.run(command, check=True))[:2]


def through_xargs(servers, count):
    """Each of the eight has a node, as a slot of it."""
    one = f'exec ssh -F {servers.config} node$((SLOT / {SLOTS})) "$1"'
    command = f"xargs --process-slot-var=SLOT -P{NODES * SLOTS} -n1 -d'\\n' sh -c {shlex.quote(one)} sh"
    return costed(servers.group, lambda: subprocess.run(command, shell=True, check=True, text=True, input="true\n" * count))[:2]


def through_parallel(servers, count):
    where = ",".join(f"{SLOTS}/{name}" for name in names)
    command = ["parallel", "--will-cite", "--ssh", servers.wrapper, "-S", where]
    environment = {**os.environ, "PARALLEL_SHELL": "/bin/sh", "PARALLEL_HOME": f"{servers.home}/parallel"}
    return costed(servers.group, lambda: subprocess.run(command, check=True, text=True, input="true\n" * count, env=environment))[:2]


DASK = """
import subprocess, sys, time
from distributed import Client

def run(n):
    ended = subprocess.run(["/bin/sh", "-c", "true"], stdin=subprocess.DEVNULL, capture_output=True)
    return ended.returncode, ended.stdout, ended.stderr

with Client(sys.argv[1]) as client:
    client.wait_for_workers(int(sys.argv[2]))
    client.submit(run, -1).result()
    print(flush=True)
    for _ in sys.stdin:
        if set(client.gather(client.map(run, range(int(sys.argv[3])), pure=False))) != {(0, b"", b"")}:
            sys.exit("a job failed")
        print(flush=True)
"""


class Dask:
    """Debian's. A scheduler here, a worker of two threads on each node, started over SSH; all up before the
    clock runs. Output and exit come back, as with all the others."""

    def __init__(self, servers, count):
        self.servers, self.count, self.children = servers, count, []

    def start(self, *command, **keywords):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **keywords}
        self.children.append(subprocess.Popen(command, start_new_session=True, cwd=self.servers.home, **quiet))
        return self.children[-1]

    def __enter__(self):
        address = f"tcp://127.0.0.1:{free_port()}"
        self.start("dask-scheduler", "--host", "127.0.0.1", "--port", address.rpartition(":")[2], "--no-dashboard")
        for name in names:
            # A terminal, so that the worker ends with its connection.
            self.start(*self.servers.ssh(name, "-tt"), f"dask-worker {address} --nworkers 1 --nthreads {SLOTS} --no-dashboard "
                       "--no-nanny", stdin=subprocess.PIPE)
        self.client = self.start("/usr/bin/python3", "-c", DASK, address, str(NODES), str(self.count),
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.client.stdout.readline()
        return self

    def __exit__(self, *_):
        for child in reversed(self.children):
            try:
                os.killpg(child.pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()

    def run(self):
        def gather():
            self.client.stdin.write(b"go\n")
            self.client.stdin.flush()
            if not self.client.stdout.readline():
                raise RuntimeError("Dask's client has gone")
        return costed(self.servers.group, gather)[:2]


def bench_nodes_jobs(scratch):
    """The same command line for all, `sh -c true`, eight at once on four nodes."""
    few, some = max(40, jobs // 20), max(100, jobs // 5)        # what needs longer for each runs fewer
    ways = {"wulfs, through one open of jobs/new": (jobs, through_wulfs),
            "bare workers over the four connections": (jobs, through_bare_workers),
            f"xargs -P8, ssh ControlMaster, {few} jobs": (few, through_xargs)}
    if shutil.which("parallel"):
        ways[f"GNU parallel -S, ssh ControlMaster, {few} jobs"] = few, through_parallel
    taken = {name: [] for name in ways}
    with Servers(scratch) as servers:
        servers.start_masters()
        for _ in range(rounds):
            for name, (count, way) in ways.items():
                taken[name].append(way(servers, count))
        if shutil.which("dask-worker"):
            name = f"Dask, four workers of two threads, {some} jobs"
            ways[name] = some, None
            with Dask(servers, some) as dask:
                taken[name] = [dask.run() for _ in range(rounds)]
    ours, *peers = ways
    cost = {name: median(used or 0 for _, used in taken[name]) / ways[name][0] for name in ways}
    rate = {name: ways[name][0] / median(wall for wall, _ in taken[name]) for name in ways}
    title(f"{jobs} no-op jobs on 4 nodes over SSH, 8 at once", "jobs/s", "wulfs is x", "CPU us/job", "x by CPU")
    row(ours, f"{rate[ours]:.0f}", "", f"{1e6 * cost[ours]:.0f}")
    for name in peers:
        row(name, f"{rate[name]:.0f}", f"{rate[ours] / rate[name]:.2f}", f"{1e6 * cost[name]:.0f}",
            f"{cost[name] / cost[ours]:.2f}" if cost[ours] else "")
    row("goals: 0.8 of the bare workers, 8 x xargs and parallel, 3 x Dask")


def bench_nodes_latency(scratch):
    """Accepted is on the disk, and so is ended: the disk's own pace stands beside."""
    taken = {}
    with Servers(scratch) as servers, Nodes(servers) as mount, open(f"{scratch}/pages", "wb", buffering=0) as page:
        mount.wait_for_nodes()
        mount.run("true")
        worker = subprocess.Popen(worker_commands(servers)[0], shell=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

        def round_trip():
            worker.stdin.write(b"true\n")
            worker.stdin.flush()
            if worker.stdout.readline() != b"0\n":
                raise RuntimeError("the bare worker failed")

        def sync_a_page():
            os.write(page.fileno(), bytes(4096))
            os.fdatasync(page.fileno())

        round_trip()
        actions = {"wulfs: write, wait, read exit (goal 2)": lambda: mount.run("true"),
                   "round trip through a bare worker over ssh": round_trip,
                   "write and fdatasync of 4 KiB": sync_a_page}
        for pause in 0.03, 0:
            for name in actions:
                taken[name, pause] = []
            for _ in range(samples):
                for name, action in actions.items():
                    time.sleep(random.uniform(0, pause))
                    taken[name, pause].append(timed(action))
        worker.stdin.close()
        worker.wait()
    title(f"One job at a time on an idle node over SSH, {samples} times", "after a pause", "p99 ms", "at once", "p99 ms")
    for name in actions:
        row(name, *(f"{figure:.2f}" for pause in (0.03, 0) for figure in
                    (median(taken[name, pause]), sorted(taken[name, pause])[samples * 99 // 100])))


def bench_nodes_output(scratch):
    """Every byte travels over SSH and ends in a file here."""
    count, megabytes = (10, 10) if quick else (100, 10)
    ten = f"{scratch}/ten"
    with open(ten, "wb") as file:
        file.write(os.urandom(megabytes * 1000000))
    digest = hashlib.sha256(open(ten, "rb").read()).hexdigest()
    all_of_it = f"for n in $(seq {count}); do cat {ten}; done"
    taken = {"wulfs": [], "file": [], "null": []}
    with Servers(scratch) as servers:
        for _ in range(min(rounds, 3)):
            ssh = " ".join(map(shlex.quote, [*servers.ssh(names[0]), all_of_it]))
            for way, command in ("null", f"{ssh} >/dev/null"), ("file", f"{ssh} >{scratch}/copy && sync {scratch}/copy"):
                taken[way].append(costed(servers.group, lambda: seconds(command))[:2])
            os.unlink(f"{scratch}/copy")
            with Nodes(servers) as mount:
                mount.wait_for_nodes()
                mount.run("true")

                def submit_and_wait():
                    with open(mount / "jobs/new", "wb", buffering=0) as new:
                        new.write(f"cat {ten}\n".encode() * count)
                    return read(mount / "jobs/wait")

                taken["wulfs"].append(costed(servers.group, submit_and_wait)[:2])
                for job in range(10000002, 10000002 + count):
                    with open(mount / f"results/{job}/stdout", "rb") as out:
                        if hashlib.sha256(out.read()).hexdigest() != digest:
                            raise RuntimeError(f"job {job} did not bring the same bytes")
    os.unlink(ten)
    title(f"{count} jobs of {megabytes} MB output each, over SSH", "MB/s", "wulfs is x", "CPU ms/MB", "x by CPU")
    rate = {way: count * megabytes / median(wall for wall, _ in figures) for way, figures in taken.items()}
    cost = {way: median(used or 0 for _, used in figures) / count / megabytes for way, figures in taken.items()}
    row("wulfs: until all are on this disk, the same bytes", f"{rate['wulfs']:.0f}", "", f"{1000 * cost['wulfs']:.1f}")
    for way, text in ("file", "one ssh NODE cat >file, and sync (goal 0.70)"), ("null", "one ssh NODE cat >/dev/null"):
        row(text, f"{rate[way]:.0f}", f"{rate['wulfs'] / rate[way]:.2f}", f"{1000 * cost[way]:.1f}",
            f"{cost[way] / cost['wulfs']:.2f}" if cost["wulfs"] else "")


def bench_nodes_memory(scratch):
    """Each node is a server of its own: one under many names is one node."""
    listed = [f"idle{n}" for n in range(idle_nodes)]
    resident = {}
    with Servers(scratch) as servers:
        for name in listed:
            servers.serve(name)
        for some in listed[:1], listed:
            with Nodes(servers, some) as mount:
                mount.wait_for_nodes(30 + idle_nodes)
                time.sleep(3)   # a heartbeat of each
                resident[len(some)] = mount.memory()
    title(f"Memory of the daemon, {idle_nodes} idle nodes over SSH", "KiB")
    row("a node more (goal 150)", f"{(resident[idle_nodes] - resident[1]) / (idle_nodes - 1) / 1024:.0f}")


def bench_nodes_idle(scratch):
    """tests/bench/many_nodes.c: the neighbours are agents behind a local command."""
    said = {0: [], neighbours: []}
    for _ in range(min(rounds, 3)):
        for count in said:
            home = tempfile.mkdtemp(dir=scratch)
            answer = subprocess.run([f"{build}/bench/many_nodes", home, f"{build}/wulfs-agent", str(count), str(jobs)],
                                    check=True, capture_output=True, text=True).stdout
            said[count].append([float(word) for word in answer.replace("%", "").split() if word.replace(".", "").isdigit()])
            shutil.rmtree(home, ignore_errors=True)     # its agents may be leaving
    title(f"One busy node among {neighbours} idle ones", "jobs/s", "of alone", "daemon us/job", "at rest %")
    alone = median(figures[0] for figures in said[0])
    for count, text in (0, "alone"), (neighbours, "among them (goal 0.90)"):
        rate, used, memory, rest = (median(figures[n] for figures in said[count]) for n in range(4))
        row(text, f"{rate:.0f}", f"{rate / alone:.2f}", f"{used:.0f}", f"{rest:.1f}")
    row(f"memory of the daemon, a node more: {memory / 1024:.1f} KiB")
