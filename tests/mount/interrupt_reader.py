"""interrupt_reader.py MS FILE...: a cat blocked on each FILE is ended by signals within MS milliseconds, and
stopped and continued."""
import os
import signal
import subprocess
import sys
import time


def state_of(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0]


def until(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.001)


def has_open(pid, path):
    try:
        return any(os.path.realpath(f"/proc/{pid}/fd/{fd}") == path for fd in os.listdir(f"/proc/{pid}/fd"))
    except FileNotFoundError:
        return False


def blocked_reader(path):
    # A shell starts its background jobs with SIGINT ignored, and they hand that on.
    reader = subprocess.Popen(["cat", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    until(lambda: has_open(reader.pid, path) and state_of(reader.pid) == "S", 10, f"cat {path} does not block")
    return reader


def seconds_to_end(path, number):
    reader = blocked_reader(path)
    begun = time.monotonic()
    reader.send_signal(number)
    until(lambda: reader.poll() is not None, 10, f"{number.name} does not end cat {path}")
    assert reader.returncode == -number
    return time.monotonic() - begun


seconds = int(sys.argv[1]) / 1000
for path in map(os.path.realpath, sys.argv[2:]):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        # The best of three: the machine may be busy with something else, and a defect is there every time.
        best = min(seconds_to_end(path, number) for _ in range(3))
        assert best < seconds, f"{number.name} ends cat {path} after {best:.3f} s only"
    reader = blocked_reader(path)
    reader.send_signal(signal.SIGSTOP)
    until(lambda: state_of(reader.pid) == "T", 10, f"SIGSTOP does not stop cat {path}")
    reader.send_signal(signal.SIGCONT)
    until(lambda: state_of(reader.pid) == "S", 10, f"SIGCONT does not continue cat {path}")
    assert reader.poll() is None
    reader.kill()
    reader.wait()
