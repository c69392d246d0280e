"""Runs test binaries with one edit made, until a test fails, a test hangs, or all have passed."""
import os
import selectors
import signal
import subprocess
import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, replace

from mutation.build import CHOICE


# What the scenarios' watchdog is told: longer than any of them takes, and a third of what it waits otherwise.
SCENARIO_SECONDS = {"EXECUTOR_SCENARIO_SECONDS": "20"}
# What it says of one that has not ended by then. That is a failure of the scenario, whose claim is that it ends.
HANGS = " hangs"


@dataclass(frozen=True)
class Stage:
    """Tests of one binary; without a line of output for so many seconds, one of them hangs."""

    name: str
    binary: str
    directory: str
    arguments: tuple
    silence: int


@dataclass(frozen=True)
class Verdict:
    """`caught` and by what, `hung` and where, or `missed`."""

    outcome: str
    by: str = ""


def alone(by, stages):
    """The stage of the test that failed, with that test alone; none if none did: a scenario that did not end tells
    another name than its test's."""
    name, _, test = by.partition(": ")
    return [replace(stage, arguments=("--exact", test)) for stage in stages if stage.name == name and " " not in test][:1]


class Catchers:
    """The tests that have caught edits, by the file of the edit: most edits of a file fall to the same few, and are
    tried with these first."""

    MOST = 16

    def __init__(self):
        self.by_file, self.lock = defaultdict(Counter), threading.Lock()

    def note(self, file, verdict):
        stage, _, test = verdict.by.partition(": ")
        if verdict.outcome == "caught" and " " not in test:
            with self.lock:
                self.by_file[file][stage, test] += 1

    def stages(self, file, stages):
        """Stages of these tests alone, in the order of the whole ones."""
        with self.lock:
            most = self.by_file[file].most_common(self.MOST)
        tests = defaultdict(list)
        for (stage, test), _ in most:
            tests[stage].append(test)
        whole = {stage.name: stage for stage in stages}
        return [replace(stage, arguments=("--exact", *tests[name])) for name, stage in whole.items() if name in tests]


def tried(number, stages):
    """What the stages, in their order, say of the edit: that it was caught, if one of them does."""
    verdict = Verdict("missed")
    for stage in stages:
        # More tests would hang, too, each for its time. A model tells what they can't: that it fails.
        if verdict.outcome == "hung" and stage.name != "models":
            continue
        latest = run(number, stage)
        if latest.outcome == "caught":
            return latest
        if latest.outcome == "hung":
            verdict = latest
    return verdict


def run(number, stage):
    """One stage. A binary that ends by a signal has caught the edit as much as one with a failing test."""
    command = [stage.binary, "--test-threads=4", *stage.arguments]
    environment = os.environ | SCENARIO_SECONDS | {CHOICE: str(number), "RUST_BACKTRACE": "0"}
    # In a group of its own, for tests that start processes.
    process = subprocess.Popen(command, cwd=stage.directory, env=environment, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        return watched(process, stage)
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        process.stdout.close()


def watched(process, stage):
    output, last = b"", ""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while selector.select(stage.silence):
            piece = os.read(process.stdout.fileno(), 1 << 16)
            if not piece:
                code = process.wait()
                return Verdict("caught", f"{stage.name}: exit code {code} after {last}") if code else Verdict("missed")
            *lines, output = (output + piece).split(b"\n")
            for line in lines:
                text = line.decode(errors="replace")
                if text.startswith("scenario ") and HANGS in text:
                    return Verdict("caught", f"{stage.name}: {text.split()[1]}{HANGS}")
                if not text.startswith("test "):
                    continue
                last = text
                if last.endswith("... FAILED"):
                    return Verdict("caught", f"{stage.name}: {last.split()[1]}")
    return Verdict("hung", f"{stage.name}: after {last}")
