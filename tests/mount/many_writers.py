"""many_writers.py FILE WRITERS LINES: writers that each write their lines to FILE in pieces of random size."""
import os
import random
import sys


def write_in_pieces(path, writer, lines):
    text = "".join(f"-H : writer {writer} line {line + 1} end\n" for line in range(lines)).encode()
    fd = os.open(path, os.O_WRONLY)
    while text:
        text = text[os.write(fd, text[: random.randint(1, 60)]):]
    os.close(fd)


path, writers, lines = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
children = []
for writer in range(writers):
    child = os.fork()
    if child == 0:
        write_in_pieces(path, writer, lines)
        os._exit(0)
    children.append(child)
sys.exit(any(os.waitpid(child, 0)[1] for child in children))
