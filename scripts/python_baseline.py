#!/usr/bin/env python3
"""The workloads of the benchmarks on CPython, for the paired run of `cargo bench`, which starts this where it can.

    python_baseline.py pi|counter|manager|bytes|downloads|start sequential|threads|processes WORKERS SIZE

Says in a line of JSON which version this is and which processes work. For each number of runs that it then reads, a line
each, it says how long they took, in nanoseconds, and what each of them gave. It ends with its input. SIZE is terms of pi,
increments of all workers together, how many bytes go to a worker and back, the port of the server that has the pages, or
the number that the task of a new pool gives back.
"""
import functools
import json
import multiprocessing
import platform
import signal
import socket
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

PAGES = 20
pools = {"threads": ThreadPoolExecutor, "processes": ProcessPoolExecutor}


def partial_pi(first, last):
    total = 0.0
    for k in range(first, last + 1):
        total += (1.0 if k % 2 == 1 else -1.0) / (2 * k - 1)
    return 4.0 * total


def pi(pool, workers, terms):
    parts = [(part * terms // workers + 1, (part + 1) * terms // workers) for part in range(workers)]
    if pool is None:
        sums = [partial_pi(*part) for part in parts]
    else:
        sums = [task.result() for task in [pool.submit(partial_pi, *part) for part in parts]]
    # Not by `sum`, which corrects the rounding of floats in some versions: the answer is compared to the bit.
    total = 0.0
    for part in sums:
        total += part
    return total


def share(value, lock):
    """The counter comes to a worker when that starts: a shared value can't be an argument of a task."""
    global counter
    counter = value, lock


def increment(times):
    value, lock = counter
    for _ in range(times):
        with lock:
            value.value += 1


def count(pool, workers, increments):
    value, _ = counter
    value.value = 0
    for task in [pool.submit(increment, increments // workers) for _ in range(workers)]:
        task.result()
    return value.value


def increment_managed(value, lock, times):
    for _ in range(times):
        with lock:
            value.value += 1


def count_managed(pool, workers, increments):
    value, lock = counter
    value.value = 0
    tasks = [pool.submit(increment_managed, value, lock, increments // workers) for _ in range(workers)]
    for task in tasks:
        task.result()
    return value.value


def same(thing):
    return thing


@functools.lru_cache(maxsize=None)
def payload(size):
    """Made once: to make it is no part of its way."""
    return bytes(place % 251 for place in range(size))


def there_and_back(pool, workers, size):
    """How many bytes have come back, if they are those that were sent."""
    reply = pool.submit(same, payload(size)).result()
    return len(reply) if reply == payload(size) else -1


def download(port, number):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET /%d HTTP/1.0\r\n\r\n" % number)
        reply = b"".join(iter(lambda: connection.recv(65536), b""))
    return sum(reply.partition(b"\r\n\r\n")[2])


def downloads(pool, workers, port):
    if pool is None:
        return sum(download(port, number) for number in range(PAGES))
    return sum(task.result() for task in [pool.submit(download, port, number) for number in range(PAGES)])


def start_pool(pool, workers, answer):
    """A pool of its own, a task on it, and its end."""
    with pools[pool](workers) as own:
        return own.submit(same, answer).result()


class Plain:
    """A value that threads share."""
    value = 0


def main():
    if len(sys.argv) != 5:
        print(__doc__.strip())
        sys.exit(0 if sys.argv[1:] in (["-h"], ["--help"]) else 2)
    # Whoever has started this decides when it ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    workload, backend, workers, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    workloads = {"pi": pi, "counter": count, "manager": count_managed, "bytes": there_and_back,
                 "downloads": downloads, "start": start_pool}
    run = workloads[workload]
    if workload == "manager":
        manager = multiprocessing.Manager()
        share(manager.Value("i", 0), manager.Lock())
    elif backend == "processes":
        value = multiprocessing.Value("i", 0)
        share(value, value.get_lock())
    else:
        share(Plain(), threading.Lock())
    shared = {} if workload != "counter" else {"initializer": share, "initargs": counter}
    if workload == "start":
        pool = backend
    else:
        pool = pools[backend](workers, **shared) if backend in pools else None
    run(pool, workers, size)
    processes = [process.pid for process in multiprocessing.active_children()]
    version = f"{platform.python_implementation()} {platform.python_version()}"
    # A build without the interpreter's lock is another thing to measure.
    version += "" if getattr(sys, "_is_gil_enabled", lambda: True)() else " free-threaded"
    print(json.dumps({"version": version, "processes": processes}), flush=True)
    for line in sys.stdin:
        answers, start = [], time.perf_counter_ns()
        for _ in range(int(line)):
            answers.append(run(pool, workers, size))
        print(json.dumps({"ns": time.perf_counter_ns() - start, "answers": answers}), flush=True)
    # By itself it may close its own pipe before it writes to it, in some versions.
    if pool is not None and workload != "start":
        pool.shutdown()


if __name__ == "__main__":
    main()
