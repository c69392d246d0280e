#!/usr/bin/env python3
"""What CPython does where tutorials claim a behaviour and not a time, for the page of `cargo bench`, which runs this where
it can; by itself it is as good as there.

Prints one line of JSON: which version this is, and for each claim by its number whether it holds, and what was seen in
words. It is null if that can't be told: something failed, which the words then name. Nothing here waits for longer than
some seconds.
"""
import concurrent.futures
import json
import multiprocessing
import operator
import os
import pickle
import platform
import sys
import threading
import time
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed

WORKERS = 2
TASKS = 100
INCREMENTS = 20_000
TRIES = 10
# Far more than any of it takes, so that what hangs is an error.
LIMIT = 10

POOLS = {"threads": ThreadPoolExecutor, "processes": ProcessPoolExecutor}


def remember(*shared):
    """What a worker was started with: such things can't be arguments of a task of a process."""
    global given
    given = shared


def increment(times):
    (value,) = given
    for _ in range(times):
        value.value += 1


def updates_are_lost():
    for tried in range(1, TRIES + 1):
        value = multiprocessing.RawValue("i", 0)
        with ProcessPoolExecutor(WORKERS, initializer=remember, initargs=(value,)) as pool:
            list(pool.map(increment, [INCREMENTS] * WORKERS))
        lost = WORKERS * INCREMENTS - value.value
        if lost:
            return True, f"{WORKERS} processes lost {lost:,} of {WORKERS * INCREMENTS:,} increments of a value without a lock"
    return None, f"no increment was lost in {tried} tries"


def threads_deadlock_and_processes_cannot():
    a_moment = 0.1
    futures, both_are_there = [], threading.Event()

    def wait_for(number):
        both_are_there.wait(LIMIT)
        try:
            return futures[number].result(a_moment)
        except concurrent.futures.TimeoutError:
            return "waited in vain"

    with ThreadPoolExecutor(WORKERS) as pool:
        futures += [pool.submit(wait_for, 1), pool.submit(wait_for, 0)]
        both_are_there.set()
        outcomes = [future.result(LIMIT) for future in futures]
    try:
        pickle.dumps(Future())
        travels = True
    except TypeError:
        travels = False
    # The one whose time is over first ends, and only so does the other one get anything.
    holds = "waited in vain" in outcomes and not travels
    return holds, ("of two tasks on threads that wait for each other's future one goes on only because its time is over; "
                   f"a future {'can' if travels else 'can not'} be pickled")


def start(runs, barrier):
    with runs.get_lock():
        runs.value += 1
    remember(barrier)


def meet():
    """Until every worker has one of these, none ends."""
    (barrier,) = given
    barrier.wait(LIMIT)


def an_initializer_runs_once_in_each_worker():
    seen = {}
    for name, barrier in [("threads", threading.Barrier), ("processes", multiprocessing.Barrier)]:
        runs = multiprocessing.Value("i", 0)
        with POOLS[name](WORKERS, initializer=start, initargs=(runs, barrier(WORKERS))) as pool:
            for task in [pool.submit(meet) for _ in range(WORKERS)] + [pool.submit(os.getpid) for _ in range(TASKS)]:
                task.result(LIMIT)
        seen[name] = runs.value
    counts = ", ".join(f"{count} times on {WORKERS} {name}" for name, count in seen.items())
    return set(seen.values()) == {WORKERS}, f"it ran {counts}, which had {TASKS + WORKERS} tasks each"


def workers_are_reused():
    with ProcessPoolExecutor(WORKERS) as pool:
        ids = {task.result(LIMIT) for task in [pool.submit(os.getpid) for _ in range(TASKS)]}
    return len(ids) <= WORKERS, f"{TASKS} tasks on {WORKERS} processes showed {len(ids)} process ids"


FIRST, SECOND, SECOND_THAT_TELLS = 0, 1, 2


def first_or_second(number):
    """The first of the two ends after the second is known to have run."""
    (second_has_run,) = given
    if number == FIRST:
        assert second_has_run.wait(LIMIT)
    if number == SECOND_THAT_TELLS:
        second_has_run.set()
    return number


def orders():
    seen, right = {}, True
    for name, event in [("threads", threading.Event), ("processes", multiprocessing.Event)]:
        second_has_run = event()
        with POOLS[name](WORKERS, initializer=remember, initargs=(second_has_run,)) as pool:
            in_order = list(pool.map(first_or_second, [FIRST, SECOND_THAT_TELLS]))
            second_has_run.clear()
            # It is told only of a future that has ended: what the second says itself it says before that.
            tasks = [pool.submit(first_or_second, number) for number in [FIRST, SECOND]]
            ends = []
            for task in as_completed(tasks, LIMIT):
                ends.append(task.result())
                second_has_run.set()
        right = right and in_order == [FIRST, SECOND_THAT_TELLS] and ends == [SECOND, FIRST]
        seen[name] = f"{name}: map gave {in_order}, as_completed {ends}"
    return right, "of two tasks the second ended first; on " + "; on ".join(seen.values())


def wait_and_count(release, ran):
    with ran.get_lock():
        ran.value += 1
    assert release.wait(LIMIT)


def run_with_what_was_given():
    wait_and_count(*given)


def cancelled_tasks_never_run():
    seen, right = [], True
    for name, event in [("threads", threading.Event), ("processes", multiprocessing.Event)]:
        release, ran = event(), multiprocessing.Value("i", 0)
        with POOLS[name](1, initializer=remember, initargs=(release, ran)) as pool:
            # A pool of processes hands some of them out before they run; the last is not among those.
            tasks = [pool.submit(run_with_what_was_given) for _ in range(5)]
            end = time.monotonic() + LIMIT
            while not tasks[0].running():
                assert time.monotonic() < end, "the first task does not start"
            cancelled = [tasks[0].cancel(), tasks[-1].cancel()]
            release.set()
        right = right and cancelled == [False, True] and ran.value == len(tasks) - 1
        seen.append(f"{name}: cancel gave {cancelled[0]} for one that ran and {cancelled[1]} for one that did not, and "
                    f"{ran.value} of {len(tasks)} ran")
    return right, "on " + "; on ".join(seen)


PROGRAM = """
from concurrent.futures import {pool} as Pool
with Pool({workers}) as pool:
    answer = list(pool.map(operator.neg, range(10)))
"""


def one_line_changes_the_pool():
    answers = []
    for pool in POOLS.values():
        names = {"operator": operator}
        exec(PROGRAM.format(pool=pool.__name__, workers=WORKERS), names)
        answers.append(names["answer"])
    return answers[0] == answers[1] == [-n for n in range(10)], (
        "a program that imports another pool in its first line gives the same answer on threads and on processes")


CHECKS = {
    "C3": updates_are_lost,
    "C4": threads_deadlock_and_processes_cannot,
    "C6": an_initializer_runs_once_in_each_worker,
    "C7": workers_are_reused,
    "C8": orders,
    "C9": cancelled_tasks_never_run,
    "C10": one_line_changes_the_pool,
}


def checked(claim, check):
    try:
        holds, says = check()
    except Exception as error:  # Whatever it is, the others are checked all the same.
        holds, says = None, f"the check failed: {type(error).__name__}: {error}"
    return {"claim": claim, "holds": holds, "says": says}


def main():
    if len(sys.argv) > 1:
        print(__doc__.strip())
        sys.exit(0 if sys.argv[1] in ("-h", "--help") else 2)
    version = f"{platform.python_implementation()} {platform.python_version()}"
    # A build without the interpreter's lock is another thing to measure.
    version += "" if getattr(sys, "_is_gil_enabled", lambda: True)() else " free-threaded"
    checks = [checked(claim, check) for claim, check in CHECKS.items()]
    print(json.dumps({"version": version, "checks": checks}))


if __name__ == "__main__":
    main()
