"""words.py: what every part of bench.py says: a mount, how long something takes, rows of figures."""
import contextlib
import fcntl
import os
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
import time

quick = bool(os.environ.get("BENCH_QUICK"))
cores = os.cpu_count()
tick = os.sysconf("SC_CLK_TCK")


def size(name, usual):
    return int(os.environ.get(f"BENCH_{name}", max(2, usual // 10) if quick else usual))


rounds = size("ROUNDS", 5)
jobs = size("JOBS", 10000)
samples = size("SAMPLES", 300)

build = os.environ["BENCH_BUILD"]       # where `make` builds; bench.py sets it
wulfs, bare_loop = f"{build}/wulfs", f"{build}/bench/bare_loop"


# --- the mount ---------------------------------------------------------------------------------------

def number_in(path, pattern):
    with open(path) as file:
        found = re.search(pattern, file.read())
    return int(found.group(1)) if found else 0


def read(path):
    with open(path) as file:
        return file.read()


def wait_until(condition, what, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not after {seconds} s")
        time.sleep(0.01)


def is_free(lock):
    """Whether the process that holds this lock file has gone; an agent takes it along."""
    try:
        with open(lock) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except BlockingIOError:
        return False
    return True


class Mount:
    """A state directory and a mount of it; `with` leaves neither behind, nor any process."""

    def __init__(self, scratch, options=""):
        self.options = options
        self.home = tempfile.mkdtemp(dir=scratch)
        self.state, self.top = f"{self.home}/state", f"{self.home}/mnt"
        os.mkdir(self.top)

    def __truediv__(self, name):
        return f"{self.top}/{name}"

    def __enter__(self):
        self.mount()
        return self

    def __exit__(self, *_):
        if os.path.ismount(self.top):
            if subprocess.run(["fusermount3", "-u", self.top], stderr=subprocess.DEVNULL).returncode:
                subprocess.run(["fusermount3", "-uz", self.top])
        self.end(f"{self.state}/lock")
        self.end(f"{self.state}/agent/lock")
        shutil.rmtree(self.home)

    @staticmethod
    def end(lock):
        """The daemon goes with its mount, the agent when it has nothing to do. If not, it is told."""
        if not os.path.exists(lock):
            return
        try:
            wait_until(lambda: is_free(lock), "", 5)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number_in(lock, r"(\d+)"), signal.SIGTERM)
            wait_until(lambda: is_free(lock), f"the process of {lock} has gone")

    def mount(self):
        subprocess.run([wulfs, "-o", f"state={self.state},discover=no{self.options}", self.top], check=True)

    def unmount(self):
        subprocess.run(["fusermount3", "-u", self.top], check=True)
        wait_until(lambda: is_free(f"{self.state}/lock"), "the daemon has gone")

    def remount(self):
        self.unmount()
        self.mount()

    def wait_for_node(self):
        wait_until(lambda: read(self / "nodes/local/state") == "IDLE\n", "the node is up")

    def tell_node(self, word):
        with open(self / "nodes/local/ctl", "w") as ctl:
            ctl.write(f"{word}\n")

    def run(self, line):
        """Submit one line and wait for its exit, as directly as can be. Returns its id."""
        fd = os.open(self / "jobs/new", os.O_RDWR)
        os.write(fd, f"{line}\n".encode())
        job = int(os.read(fd, 32))
        os.close(fd)
        for name in f"jobs/{job}/wait", f"results/{job}/exit":
            fd = os.open(self / name, os.O_RDONLY)
            answer = os.read(fd, 32)
            os.close(fd)
        if answer != b"0\n":
            raise RuntimeError(f"job {job} ended with {answer}")
        return job

    def daemon(self):
        return number_in(f"{self.state}/lock", r"pid (\d+)")

    def agent(self):
        return number_in(f"{self.state}/agent/lock", r"(\d+)")

    def memory(self):
        return 1024 * number_in(f"/proc/{self.daemon()}/status", r"VmRSS:\s*(\d+)")


def cpu(pid):
    """Seconds a process used itself, and those of its children that have ended. proc(5): stat."""
    fields = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    user, system, user_ended, system_ended = map(int, fields[11:15])
    return (user + system) / tick, (user_ended + system_ended) / tick


def cpu_split(mount):
    """Who of a mount used how much CPU. The agent's children are its runners, theirs are the jobs."""
    agent = mount.agent()
    split = {"daemon": cpu(mount.daemon())[0], "agent": cpu(agent)[0], "runners": 0, "jobs": cpu(agent)[1]}
    for runner in read(f"/proc/{agent}/task/{agent}/children").split():
        own, ended = cpu(runner)
        split["runners"] += own
        split["jobs"] += ended
    return split


# --- measuring ---------------------------------------------------------------------------------------

median = statistics.median


def seconds(command, **keywords):
    """Run a command, a list, or a line for sh. Returns wall time and CPU time, its children's included."""
    before = os.times()
    begun = time.monotonic()
    child = subprocess.Popen(command, shell=isinstance(command, str), start_new_session=True, **keywords)
    try:
        status = child.wait()
    except BaseException:
        os.killpg(child.pid, signal.SIGKILL)    # what it started too
        child.wait()
        raise
    wall = time.monotonic() - begun
    after = os.times()
    if status:
        raise subprocess.CalledProcessError(status, command)
    return wall, after[2] + after[3] - before[2] - before[3]


def say(text=""):
    print(text, flush=True)


def title(text, *columns):
    say()
    say(f"{text:<52}" + "".join(f"{column:>13}" for column in columns))


def row(text, *columns):
    say((f"  {text:<50}" + "".join(f"{column:>13}" for column in columns)).rstrip())


def timed(action):
    begun = time.monotonic()
    action()
    return 1000 * (time.monotonic() - begun)
