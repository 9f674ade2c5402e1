"""kill_storm.py KILLS: submit lines without end while the daemon is killed -9 at random moments and mounted
again at once. What was accepted goes to the file "accepted", what a dying daemon left open to "maybe"."""
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time

mount, state, here = os.environ["W"], os.environ["S"], os.getcwd()
over = threading.Event()


def submit_without_end():
    number = 0
    with open("accepted", "w") as accepted, open("maybe", "w") as maybe:
        while not over.is_set():
            number += 1
            try:
                fd = os.open(f"{mount}/jobs/new", os.O_WRONLY)
            except OSError:         # not mounted now; in a directory below nothing is ever created
                time.sleep(0.001)
                continue
            try:
                os.write(fd, f"echo {number} >>{here}/ran; echo {number}\n".encode())
                accepted.write(f"{number}\n")
            except OSError:
                maybe.write(f"{number}\n")
            try:
                os.close(fd)
            except OSError:
                pass


def daemon():
    with open(f"{state}/lock") as lock:
        return int(re.match(r"pid (\d+)", lock.read()).group(1))


submitter = threading.Thread(target=submit_without_end, daemon=True)
submitter.start()
for _ in range(int(sys.argv[1])):
    time.sleep(random.uniform(0, 0.15))
    os.kill(daemon(), signal.SIGKILL)
    subprocess.run([os.environ["WULFS"], "-o", f"state={state},discover=no,local=2", mount], check=True)
over.set()
submitter.join()
subprocess.run(["sort", "-o", "maybe", "maybe"], check=True)
