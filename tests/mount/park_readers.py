"""park_readers.py FILE N FLAG: N threads read FILE, each by its own open. FLAG is made when all have it open
and have begun to read. Prints what each read."""
import sys
import threading
import time

path, flag = sys.argv[1], sys.argv[3]
ready = threading.Semaphore(0)


def read():
    with open(path) as file:
        ready.release()
        text = file.read()
    sys.stdout.write(text)


threading.stack_size(65536)
threads = [threading.Thread(target=read) for _ in range(int(sys.argv[2]))]
for thread in threads:
    thread.start()
for _ in threads:
    ready.acquire()


def parked():
    """All but this thread sleep in the kernel."""
    states = []
    for thread in threads:
        with open(f"/proc/self/task/{thread.native_id}/stat") as stat:
            states.append(stat.read().rsplit(")", 1)[1].split()[0])
    return all(state == "S" for state in states)


while not parked():
    time.sleep(0.01)
open(flag, "w").close()
for thread in threads:
    thread.join()
