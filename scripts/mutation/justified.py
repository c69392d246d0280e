"""The committed survivors, each with the reason why nothing is to catch it."""
from pathlib import Path

FILE = Path(__file__).with_name("survivors.tsv")


def justified():
    """By file and edit, the reason."""
    lines = FILE.read_text(encoding="utf-8").splitlines()[1:]
    found = {}
    for line in lines:
        file, edit, reason = line.split("\t")
        if (file, edit) in found or not reason.strip():
            raise SystemExit(f"{FILE.name}: twice, or without a reason: {file}: {edit}")
        found[file, edit] = reason
    return found


def stale(reasons, edits):
    """Those that are no edit any more."""
    existing = {(edit.file, edit.key) for edit in edits}
    return [place for place in reasons if place not in existing]
