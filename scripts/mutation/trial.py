"""Runs test binaries with one edit made, until a test fails, a test hangs, or all have passed."""
import os
import selectors
import signal
import subprocess
from dataclasses import dataclass

from mutation.build import CHOICE


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
    environment = os.environ | {CHOICE: str(number), "RUST_BACKTRACE": "0"}
    # In a group of its own, for tests that start processes.
    process = subprocess.Popen(command, cwd=stage.directory, env=environment, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, start_new_session=True)
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
                last = line.decode(errors="replace")
                if last.startswith("test ") and last.endswith("... FAILED"):
                    return Verdict("caught", f"{stage.name}: {last.split()[1]}")
    return Verdict("hung", f"{stage.name}: after {last}")
