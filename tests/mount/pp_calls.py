"""pp_calls.py - what a program may expect of examples/pp/pp.py, beside the tutorial; run by example_pp.sh."""
import collections
import contextlib
import io
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.environ["CASES"], "../../examples/pp"))
import pp


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y


def add(a, b):
    return a + b


def chatter(word):
    print("to stdout:", word)
    print("to stderr:", word, file=sys.stderr)
    os.system("echo from a child")
    return word.upper()


def fail(what):
    raise ValueError("not " + what)


def leave():
    sys.exit(0)


def mirror(point):
    return Point(point.y, point.x)


def count(words):
    return collections.Counter(words), {1, 2}, 1j


def attack(path):
    class Attack:
        def __reduce__(self):
            return os.system, ("touch " + path,)
    return Attack()


def wait_for(path):
    while not os.path.exists(path):
        time.sleep(0.01)
    return "seen"


def refusal(error, call, *args):
    try:
        call(*args)
    except error as refused:
        return str(refused)
    raise AssertionError(f"{call} was not refused")


def said(call):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        value = call()
    return value, out.getvalue(), err.getvalue()


mount, scratch = os.environ["W"], os.environ["T"]
server = pp.Server()
assert server.get_ncpus() == 2, server.get_ncpus()
assert server.get_active_nodes() == {"local": 2}

# What it prints, once; its result, as often as one likes.
job = server.submit(chatter, ("hello",), (), ("os", "sys"))
assert said(job) == ("HELLO", "to stdout: hello\nfrom a child\n", "to stderr: hello\n"), said(job)
assert said(job) == ("HELLO", "", "")

# An exception, with where it was; the mount knows the job as failed. And a job that just goes.
job = server.submit(fail, ("prime",))
words = refusal(pp.JobError, job)
assert "ValueError: not prime" in words and 'raise ValueError("not " + what)' in words, words
assert open(f"{mount}/jobs/{job.id}/state").read() == "FAILED\n"
assert "no result" in refusal(pp.JobError, server.submit(leave, (), (), ("sys",)))
assert "No module named 'nowhere'" in refusal(pp.JobError, server.submit(leave, (), (), ("nowhere",)))

# Values of every kind, and of classes that were sent along.
assert server.submit(count, (["a", "b", "a"],), (), ("collections",))() == (collections.Counter("aba"), {1, 2}, 1j)
turned = server.submit(mirror, (Point(1, "é\n"),), (Point,))()
assert isinstance(turned, Point) and (turned.x, turned.y) == ("é\n", 1)

# A pickle that would do something is not loaded, whoever made it.
words = refusal(pp.JobError, server.submit(attack, (f"{scratch}/attacked",), (), ("os",)))
assert "posix.system" in words, words
assert not os.path.exists(f"{scratch}/attacked")

# Callbacks and groups.
lock, seen = threading.Lock(), []


def gather(label, result):
    with lock:
        seen.append((label, result))


for n in range(20):
    server.submit(add, (n, 1), callback=gather, callbackargs=("sum",), group="sums")
held = server.submit(wait_for, (f"{scratch}/go",), (), ("os", "time"), group="held")
server.wait("sums")
assert sorted(seen) == [("sum", n + 1) for n in range(20)], seen
assert not held.finished
open(f"{scratch}/go", "w").close()
server.wait()
assert held.finished and held() == "seen"

# So many at a time.
server.set_ncpus(1)
both = [server.submit(wait_for, (f"{scratch}/{n}",), (), ("os", "time")) for n in range(2)]
open(f"{scratch}/1", "w").close()
server.submit(add, (1, 1), group="after")
assert not any(job.finished for job in both)
assert len([name for name in os.listdir(f"{mount}/jobs") if name != "new"]) <= 1
open(f"{scratch}/0", "w").close()
server.wait()

done = server.get_stats()["local"]
assert done.ncpus == 2 and done.njobs == 31, done
assert "31 |        100.00" in said(server.print_stats)[1], said(server.print_stats)

# What has no source is refused at once.
assert "no source" in refusal(TypeError, server.submit, lambda: 1)
assert "no source" in refusal(TypeError, server.submit, "text".upper)

# It ends with its jobs.
running, waiting = (server.submit(wait_for, ("/nowhere",), (), ("os", "time")) for _ in range(2))
server.destroy()
assert "destroyed" in refusal(pp.JobError, waiting)
words = refusal(pp.JobError, running)
assert "CANCELLED" in words or "destroyed" in words, words
assert "destroyed" in refusal(pp.Error, server.submit, add, (1, 1))
