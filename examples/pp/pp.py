"""pp - Parallel Python's interface, over the mount of a cluster.

    server = pp.Server()
    job = server.submit(sum_primes, (100,), (isprime,), ("math",))
    print(job())                        # waits for it; what the function printed comes first

A call is a job like any other. Its spec is a Python program to read: imports, the functions' source, the
call. It stands in the queue, runs on any node that has python3, and shows in results/ID. What the function
prints goes to its stdout and from there to the user; an exception ends the job FAILED, and job() raises it as
a JobError with the traceback of the node.

The cluster is the one in $WULFS, or else the one that is mounted.

As in pp, at most ncpus jobs of a Server are under way at a time, and they end with the program. Other than
in pp, nodes are the mount's (`mkdir nodes/HOST`), so ppservers and the like change nothing; methods, lambdas
and what was typed into a prompt have no source to send."""
import atexit
import base64
import collections
import inspect
import io
import os
import pickle
import re
import secrets
import sys
import textwrap
import threading
import time
import traceback

# What may be in a result, beside the plain values that need no class. A result comes from a job of this
# program: it is read under the id that the mount gave for the text we wrote, and it must begin with the
# secret of that text. But a pickle can call whatever it names, and a node's owner could make one; so it may
# name nothing but these and the classes that were sent along. pp.ACCEPTED.add("numpy.ndarray") adds to them.
ACCEPTED = {
    f"{module}.{name}" for module, names in {
        "builtins": "bool int float complex str bytes bytearray list tuple dict set frozenset range slice",
        "collections": "OrderedDict Counter deque defaultdict",
        "datetime": "date datetime time timedelta timezone",
        "decimal": "Decimal",
        "fractions": "Fraction",
    }.items() for name in names.split()
}

WORKING = ("IDLE", "MIXED", "ALLOCATED")        # nodes that take work, or will when a slot is free


class Error(Exception):
    """There is no cluster, or it did not accept a job."""


class JobError(Error):
    """A job ended without a result."""


def find_mount():
    """Where the cluster is mounted."""
    if os.environ.get("WULFS"):
        return os.environ["WULFS"]
    with open("/proc/mounts", encoding="utf-8", errors="surrogateescape") as mounts:
        fields = [line.split() for line in mounts]
    paths = [re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), path)       # a blank is \040 there
             for _, path, kind, *_ in fields if kind == "fuse.wulfs"]
    if not paths:
        raise Error("no wulfs is mounted: mount one, or say where it is with WULFS=DIRECTORY")
    if len(paths) > 1:
        raise Error("there are several: " + ", ".join(paths) + "; say which with WULFS=DIRECTORY")
    return paths[0]


def text_of(path):
    with open(path, encoding="utf-8", errors="backslashreplace", newline="") as file:
        return file.read()


def value_of(path):
    return text_of(path).rstrip("\n")


# --- what a job is made of, and what comes back of it

CALL = """
# The call. The result is the last line: a secret, and a pickle in base64.
import base64 as _base64, pickle as _pickle
_arguments = _pickle.loads(_base64.b64decode("{arguments}"))
_result = _pickle.dumps({function}(*_arguments), 4)
print("\\n{secret}", _base64.b64encode(_result).decode(), flush=True)
"""


def source_of(function):
    if not (inspect.isfunction(function) or inspect.isclass(function)) or not function.__name__.isidentifier():
        raise TypeError(f"{function!r} is neither a function with a name nor a class: there is no source to send")
    return textwrap.dedent(inspect.getsource(function))


def program_of(secret, function, args, depfuncs, modules):
    parts = ["#!/usr/bin/env python3", "#SBATCH --job-name=" + function.__name__]
    parts += ["import " + module for module in modules]
    parts += ["\n" + source_of(each) for each in (*depfuncs, function)]
    arguments = base64.b64encode(pickle.dumps(tuple(args), 4)).decode()
    parts.append(CALL.format(arguments=arguments, function=function.__name__, secret=secret))
    return "\n".join(parts).encode()


def split_result(output, secret):
    """What was printed, and the pickle, or None."""
    before, found, after = output.rpartition(f"\n{secret} ")
    pickled, _, later = after.partition("\n")
    return (before + later, pickled) if found else (output, None)


class ResultReader(pickle.Unpickler):
    def __init__(self, pickled, classes):
        super().__init__(io.BytesIO(pickled))
        self.classes = classes

    def find_class(self, module, name):
        if module == "__main__" and name in self.classes:
            return self.classes[name]
        if f"{module}.{name}" in ACCEPTED:
            return super().find_class(module, name)
        raise JobError(f'the result holds a {module}.{name}; pp.ACCEPTED.add("{module}.{name}") would let it in')


class Job:
    """One call. Calling it waits, and gives the result or raises JobError; .finished tells."""

    def __init__(self, function, args, depfuncs, modules, callback, callbackargs, group):
        self.name, self.group = function.__name__, group
        self.id = self.node = None
        self._secret = secrets.token_hex(16)
        self._program = program_of(self._secret, function, args, depfuncs, modules)
        self._classes = {each.__name__: each for each in depfuncs if inspect.isclass(each)}
        self._callback, self._callbackargs = callback, callbackargs
        self._ended = threading.Event()
        self._unsaid = threading.Lock()         # whoever gets it first says what the function printed
        self._printed = self._complained = ""
        self._error = self._result = None
        self.seconds = 0.0

    @property
    def finished(self):
        return self._ended.is_set()

    def __call__(self):
        self._ended.wait()
        if self._unsaid.acquire(blocking=False):
            sys.stdout.write(self._printed)
            sys.stderr.write(self._complained)
        if self._error:
            raise self._error
        return self._result

    # The rest is the server's.

    def _submit(self, mount):
        try:
            with open(f"{mount}/jobs/new", "r+b", buffering=0) as new:
                rest = memoryview(self._program)
                while rest:
                    rest = rest[new.write(rest):]
                self.id = new.read(64).decode().strip()
        except OSError as refusal:
            raise Error(f"{self.name} was not accepted: {refusal.strerror}; see {mount}/errors") from None

    def _collect(self, mount):
        job, results = f"{mount}/jobs/{self.id}", f"{mount}/results/{self.id}"
        status, state = value_of(f"{job}/wait"), value_of(f"{job}/state")
        self.node = value_of(f"{job}/node")
        self.seconds = max(0.0, float(value_of(f"{job}/ended")) - float(value_of(f"{job}/started") or "inf"))
        self._printed, pickled = split_result(text_of(f"{results}/stdout"), self._secret)
        complained = text_of(f"{results}/stderr")
        if state != "COMPLETED" or pickled is None:
            raise JobError(f"job {self.id}, {self.name}: {state}, exit {status}, no result\n{complained}")
        self._complained = complained
        self._result = ResultReader(base64.b64decode(pickled), self._classes).load()

    def _end(self, error=None):
        self._error = error
        self._ended.set()
        if self._callback:
            try:
                self._callback(*self._callbackargs, self())
            except Exception:
                traceback.print_exc()


# --- the server

Statistics = collections.namedtuple("Statistics", "ncpus njobs time")


class Server:
    def __init__(self, ncpus="autodetect", ppservers=(), secret=None, restart=False, proto=2, socket_timeout=3600):
        self._mount = find_mount()
        if not os.path.exists(f"{self._mount}/jobs/new"):
            raise Error(f"{self._mount} is not the mount of a wulfs: there is no jobs/new")
        self._changed = threading.Condition()   # guards what follows
        self._queue = collections.deque()       # jobs that are not written yet
        self._under_way = set()
        self._unfinished = collections.Counter()        # of each group
        self._done = {}                         # node -> jobs, seconds
        self._ncpus = self._workers = 0
        self._destroyed = False
        self._created = time.monotonic()
        self.set_ncpus(ncpus)
        atexit.register(self.destroy)

    def submit(self, func, args=(), depfuncs=(), modules=(), callback=None, callbackargs=(), group="default"):
        """Call func(*args) on some node; depfuncs, functions and classes, and modules are what it needs there.
        callback(*callbackargs, result) is called, by another thread, as soon as it is done."""
        job = Job(func, args, depfuncs, modules, callback, callbackargs, group)
        if self._automatic and time.monotonic() - self._counted > 1:
            self.set_ncpus()                    # there may be more nodes by now
        with self._changed:
            if self._destroyed:
                raise Error("the server was destroyed")
            self._queue.append(job)
            self._unfinished[group] += 1
            self._changed.notify_all()
        return job

    def wait(self, group=None):
        """Until all jobs, or those of the group, are finished and their callbacks have returned."""
        def is_over():
            return not (self._unfinished[group] if group is not None else sum(self._unfinished.values()))
        with self._changed:
            self._changed.wait_for(is_over)

    def get_ncpus(self):
        """How many jobs may be under way at a time."""
        return self._ncpus

    def set_ncpus(self, ncpus="autodetect"):
        """That many from now on; by default, or with pp's 0 for "not here", as many as the nodes have slots."""
        self._automatic, self._counted = ncpus in ("autodetect", 0), time.monotonic()
        self._ncpus = max(1, sum(self.get_active_nodes().values())) if self._automatic else int(ncpus)
        if self._ncpus < 1:
            raise ValueError(f"ncpus: {ncpus} jobs at a time are too few")
        with self._changed:
            while self._workers < self._ncpus:
                self._workers += 1
                threading.Thread(target=self._work, daemon=True).start()
            self._changed.notify_all()          # those that are too many go

    def get_active_nodes(self):
        """The nodes that take work, and the slots of each."""
        nodes = f"{self._mount}/nodes"
        return {name: int(value_of(f"{nodes}/{name}/slots")) for name in os.listdir(nodes)
                if value_of(f"{nodes}/{name}/state") in WORKING}

    def get_stats(self):
        """Of each node that did something: slots, jobs, seconds."""
        active = self.get_active_nodes()
        with self._changed:
            return {node: Statistics(active.get(node, 0), *done) for node, done in self._done.items()}

    def print_stats(self):
        stats = self.get_stats()
        everything = sum(each.njobs for each in stats.values())
        print("Job execution statistics:")
        print(" job count | % of all jobs | job time sum | time per job | job server")
        for node, each in sorted(stats.items()):
            print(f"{each.njobs:10} | {100 * each.njobs / everything:13.2f} | {each.time:12.4f} | "
                  f"{each.time / each.njobs:12.6f} | {node}")
        print(f"Time elapsed since server creation: {time.monotonic() - self._created:.3f}")

    def destroy(self):
        """Cancel what is under way, forget what is not; the server takes nothing more."""
        with self._changed:
            self._destroyed = True
            forgotten, cancelled = list(self._queue), list(self._under_way)
            self._queue.clear()
            self._changed.notify_all()
        for job in cancelled:
            self._cancel(job)
        for job in forgotten:
            self._finish(job, JobError(f"{job.name}: the server was destroyed before it was submitted"))

    # A worker, one of ncpus threads, waits for one job at a time.

    def _work(self):
        while job := self._next():
            error = None
            try:
                job._submit(self._mount)
                if self._destroyed:
                    self._cancel(job)
                job._collect(self._mount)
            except Error as refusal:
                error = refusal
            except Exception as broken:         # the mount is gone, or the result is no pickle
                error = JobError(f"job {job.id}, {job.name}: {broken!r}")
            self._finish(job, error)

    def _next(self):
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._is_to_go())
            if self._is_to_go():
                self._workers -= 1
                return None
            job = self._queue.popleft()
            self._under_way.add(job)
            return job

    def _is_to_go(self):
        return self._destroyed or self._workers > self._ncpus

    def _cancel(self, job):
        try:
            if job.id:
                with open(f"{self._mount}/jobs/{job.id}/ctl", "w", encoding="ascii") as ctl:
                    ctl.write("cancel\n")
        except OSError:
            pass                                # it is finished, and so much the better

    def _finish(self, job, error):
        with self._changed:
            self._under_way.discard(job)
            if job.node:
                jobs, seconds = self._done.get(job.node, (0, 0.0))
                self._done[job.node] = jobs + 1, seconds + job.seconds
        job._end(error)                         # its callback may submit more
        with self._changed:
            self._unfinished[job.group] -= 1
            self._changed.notify_all()
