# O_NONBLOCK is EAGAIN, and poll, select and epoll tell when a read will not block.
id=$(submit "until [ -e $T/end ]; do sleep 0.2; done")
python3 - "$W/jobs/$id/wait" "$W/results/$id/stdout" <<'END'
import os, select, sys

wait = os.open(sys.argv[1], os.O_RDONLY | os.O_NONBLOCK)
try:
    os.read(wait, 10)
    raise SystemExit("read of an unfinished job's wait did not say EAGAIN")
except BlockingIOError:
    pass

poll, epoll = select.poll(), select.epoll()
poll.register(wait, select.POLLIN)
epoll.register(wait, select.EPOLLIN)
assert poll.poll(0) == []
assert epoll.poll(0) == []
assert select.select([wait], [], [], 0) == ([], [], [])

stdout = os.open(sys.argv[2], os.O_RDONLY | os.O_NONBLOCK)
assert os.read(stdout, 10) == b""
assert select.select([stdout], [], [], 0)[0] == [stdout]

open("end", "w").close()
assert poll.poll(10000)
assert epoll.poll(10)
assert select.select([wait], [], [], 10)[0] == [wait]
assert os.read(wait, 10) == b"0\n"
END
