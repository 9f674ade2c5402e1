#!/usr/bin/env python3
"""The program of Parallel Python's tutorial: sums of primes, each a job.

    WULFS=~/cluster ./sum_primes.py [NCPUS]     at most NCPUS at a time; else as many as there are slots

Its calls of pp are the tutorial's; only print() and range() are Python 3's."""
import math
import sys

import pp


def isprime(n):
    """Is n a prime? By trial division, and slowly on purpose."""
    if n < 2:
        return False
    for i in range(2, int(math.sqrt(n)) + 1):
        if n % i == 0:
            return False
    return True


def sum_primes(n):
    """The sum of all primes below n."""
    return sum([x for x in range(2, n) if isprime(x)])


# The nodes are those of the mount.
ppservers = ()

if len(sys.argv) > 1:
    ncpus = int(sys.argv[1])
    job_server = pp.Server(ncpus, ppservers=ppservers)
else:
    job_server = pp.Server(ppservers=ppservers)

print("Starting pp with", job_server.get_ncpus(), "workers")

# The function, its arguments, the functions it calls, the modules that those need.
job1 = job_server.submit(sum_primes, (100,), (isprime,), ("math",))
print("Sum of primes below 100 is", job1())

inputs = (100000, 100100, 100200, 100300, 100400, 100500, 100600, 100700)
jobs = [(input, job_server.submit(sum_primes, (input,), (isprime,), ("math",))) for input in inputs]
for input, job in jobs:
    print("Sum of primes below", input, "is", job())

print("Nodes:", job_server.get_active_nodes())
job_server.print_stats()
