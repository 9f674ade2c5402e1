#!/usr/bin/env python3
#SBATCH --job-name=sum_primes
"""Sum of the primes below LIMIT, by naive trial division: the tutorial's workload.

Sent as it is into jobs/new, with the limit put in by a #SBATCH --export line (see run)."""
import math
import os


def isprime(n):
    if n < 2:
        return False
    if n == 2:
        return True
    limit = int(math.ceil(math.sqrt(n)))
    i = 2
    while i <= limit:
        if n % i == 0:
            return False
        i += 1
    return True


def sum_primes(n):
    return sum(x for x in range(2, n) if isprime(x))


limit = int(os.environ["LIMIT"])
print("Sum of primes below", limit, "is", sum_primes(limit))
