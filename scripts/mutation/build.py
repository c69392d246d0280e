"""Builds a copy of the tree that has all edits, less those that the compiler refuses."""
import json
import os
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

from mutation.edits import combined

# The number of the edit to make; none without it.
CHOICE = "EXECUTOR_MUTANT"
# Read once: it is asked for at every call of every function with edits.
CHOOSER = f"""
pub(crate) fn mutant() -> u32 {{
    use std::sync::atomic::{{AtomicU32, Ordering}};
    static CHOICE: AtomicU32 = AtomicU32::new(u32::MAX);
    let choice = CHOICE.load(Ordering::Relaxed);
    if choice != u32::MAX {{
        return choice;
    }}
    let choice = std::env::var("{CHOICE}").map_or(0, |number| number.parse().unwrap());
    CHOICE.store(choice, Ordering::Relaxed);
    choice
}}
"""
SYNC = ["executor/src/sync.rs", "loom-tests/tests/loom/sync.rs"]


class Tree:
    """The copy, and where it is built."""

    def __init__(self, root, out):
        self.root, self.path, self.targets = Path(root), Path(out) / "tree", Path(out)
        shutil.rmtree(self.path, ignore_errors=True)
        files = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True, text=True, cwd=root,
        ).stdout.split("\0")
        for file in filter(None, files):
            if (self.root / file).exists():
                (self.path / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(self.root / file, self.path / file)
        for file in SYNC:
            with open(self.path / file, "a", encoding="utf-8") as sync:
                sync.write(CHOOSER)

    def write(self, edits):
        """Puts these edits into the copy, in place of any others; returns the lines of each, by file."""
        by_file = defaultdict(list)
        for edit in edits:
            by_file[edit.file].append(edit)
        lines = {}
        for file, here in by_file.items():
            text, lines[file] = combined((self.root / file).read_text(encoding="utf-8"), here)
            (self.path / file).write_text(text, encoding="utf-8")
        return lines

    def cargo(self, target, *arguments, flags=""):
        environment = os.environ | {
            "CARGO_TARGET_DIR": str(self.targets / target),
            # An edited body may have a variable too many.
            "RUSTFLAGS": f"--cap-lints=warn {flags}".strip(),
            "CARGO_PROFILE_DEV_DEBUG": "0",
        }
        command = ["cargo", *arguments, "--message-format=json"]
        run = subprocess.run(command, cwd=self.path, env=environment, stdout=subprocess.PIPE, text=True,
                             stderr=subprocess.DEVNULL, check=False)
        return [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]

    def viable(self, edits):
        """Those of the edits that compile, and the names of the others; leaves them in the copy."""
        refused = set()
        while True:
            lines = self.write([edit for edit in edits if edit.number not in refused])
            messages = self.cargo("std", "check", "-p", "executor", "--lib")
            errors = [m["message"] for m in messages if m["reason"] == "compiler-message"
                      and m["message"]["level"] == "error" and m["message"]["spans"]]
            if not errors:
                if not any(m["reason"] == "build-finished" and m["success"] for m in messages):
                    raise SystemExit("the library does not compile")
                return [edit for edit in edits if edit.number not in refused]
            found = {number for error in errors for number in blamed(error, lines)}
            if not found:
                raise SystemExit(f"the compiler blames no edit:\n{errors[0]['rendered']}")
            refused |= found

    def binary(self, target, *arguments, flags=""):
        """Builds one test binary and returns its path."""
        messages = self.cargo(target, "test", "--no-run", *arguments, flags=flags)
        for message in messages:
            if message["reason"] == "compiler-artifact" and message["profile"]["test"] and message["executable"]:
                return message["executable"]
        errors = [m["message"]["rendered"] for m in messages if m["reason"] == "compiler-message"
                  and m["message"]["level"] == "error"]
        raise SystemExit("no test binary:\n" + "".join(errors))


def blamed(error, lines):
    """The edits in whose lines the compiler found the error."""
    for spans in ([s for s in error["spans"] if s["is_primary"]], error["spans"]):
        found = set()
        for span in spans:
            while span:
                for number, range_ in lines.get(span["file_name"], {}).items():
                    if span["line_start"] in range_:
                        found.add(number)
                span = span["expansion"] and span["expansion"]["span"]
        if found:
            return found
    return set()
