"""interrupt_reader.py MS FILE...: a cat blocked on each FILE is stopped, continued and ended by signals, each
within MS milliseconds, and is never seen in state D for longer."""
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
    reader = subprocess.Popen(["cat", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: has_open(reader.pid, path) and state_of(reader.pid) == "S", 10, f"cat {path} does not block")
    return reader


seconds = int(sys.argv[1]) / 1000
for path in map(os.path.realpath, sys.argv[2:]):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        reader = blocked_reader(path)
        reader.send_signal(number)
        until(lambda: reader.poll() is not None, seconds, f"{number.name} does not end cat {path}")
        assert reader.returncode == -number
    reader = blocked_reader(path)
    reader.send_signal(signal.SIGSTOP)
    until(lambda: state_of(reader.pid) == "T", seconds, f"SIGSTOP does not stop cat {path}")
    reader.send_signal(signal.SIGCONT)
    until(lambda: state_of(reader.pid) == "S", seconds, f"SIGCONT does not continue cat {path}")
    assert reader.poll() is None
    reader.kill()
    reader.wait()
