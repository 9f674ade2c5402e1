"""read_by.py mmap|pread|sendfile|splice FILE: FILE to stdout by that system call."""
import mmap
import os
import sys

STEP = 100003


def by_mmap(fd, size):
    with mmap.mmap(fd, size, prot=mmap.PROT_READ) as memory:
        sys.stdout.buffer.write(memory)


def by_pread(fd, size):
    for at in range(0, size, STEP):
        sys.stdout.buffer.write(os.pread(fd, STEP, at))


def by_sendfile(fd, size):
    at = 0
    while at < size:
        at += os.sendfile(1, fd, at, STEP)


def by_splice(fd, _):
    while os.splice(fd, 1, STEP):
        pass


way, path = sys.argv[1:]
source = os.open(path, os.O_RDONLY)
globals()[f"by_{way}"](source, os.fstat(source).st_size)
