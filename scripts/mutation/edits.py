"""The edits that cargo-mutants would make, all of them in one copy of the sources, each behind a number.

A function with edits becomes a match over the number that the process was given: an arm for each edited body, and the
body as it was for every other number. An edit is so a choice at run time, and a run has one build.

The arms have one type. So where a function says no more than `impl Trait` of what it returns, an edit that returns
another type is refused, though alone it would compile.
"""
import json
import re
import subprocess
from collections import Counter, defaultdict
from dataclasses import dataclass, field

# What an edit can't be told apart by: where it is in its file, which changes with every line above it.
POSITION = re.compile(r"^(?P<file>[^:]+):\d+:\d+: (?P<edit>.*)$", re.S)
# Strings, characters, lifetimes and comments: what may hold a brace that is none; and braces.
TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|r(?P<hashes>\#*)".*?"(?P=hashes)|"(?:\\.|[^"\\])*"|'(?:\\.[^']*|[^'\\])'|'\w+|[{}]""", re.S
)
# No type of the standard library's guards can be made up, and the tool tries more than a hundred times.
NOT_VIABLE = re.compile(r"with \(MutexGuard")


@dataclass(frozen=True)
class Edit:
    """One edit: a stretch of a file and what stands there instead."""

    number: int
    name: str
    file: str
    key: str
    start: int
    end: int
    replacement: str
    function: tuple | None = field(compare=False)


def listed(files):
    """All edits of these files, numbered from 1."""
    command = ["cargo", "mutants", "--list", "--json", "-p", "executor", "--file", files]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    found = [edit for edit in found if not NOT_VIABLE.search(edit["name"])]
    texts = {edit["file"]: None for edit in found}
    for path in texts:
        with open(path, encoding="utf-8") as file:
            texts[path] = file.read()
    again = Counter()
    edits = []
    for number, edit in enumerate(found, 1):
        path, span, text = edit["file"], edit["span"], texts[edit["file"]]
        key = POSITION.match(edit["name"])["edit"]
        again[path, key] += 1
        if again[path, key] > 1:
            key = f"{key} (no. {again[path, key]})"
        function = edit["function"] and tuple(offset(text, edit["function"]["span"][end]) for end in ("start", "end"))
        start, end = (offset(text, span[end]) for end in ("start", "end"))
        edits.append(Edit(number, edit["name"], path, key, start, end, edit["replacement"], function))
    return edits


def offset(text, place):
    """Where in the text a line and a column are, both counted from 1."""
    start = 0
    for _ in range(place["line"] - 1):
        start = text.index("\n", start) + 1
    return start + place["column"] - 1


def body(text, function):
    """What stands between the outer braces of a function."""
    opened, outer = [], None
    for token in TOKEN.finditer(text, *function):
        if token[0] == "{":
            opened.append(token.end())
        elif token[0] == "}":
            outer = (opened.pop(), token.start())
    return outer


def combined(text, edits):
    """The file with all the edits, and the lines that each has there; an edit outside functions has none."""
    functions = defaultdict(list)
    for edit in edits:
        if edit.function:
            functions[body(text, edit.function)].append(edit)
    pieces, lines, done = [], {}, 0
    written = 0

    def write(piece):
        nonlocal written
        pieces.append(piece)
        written += piece.count("\n")

    for (start, end), here in sorted(functions.items()):
        assert start >= done, f"a function within a function at {start} of {here[0].file}"
        write(text[done:start] + "\nmatch crate::sync::mutant() {\n")
        for edit in here:
            first = written + 1
            write(f"{edit.number} => {{{text[start:edit.start]}{edit.replacement}{text[edit.end:end]}}}\n")
            lines[edit.number] = range(first, written + 1)
        write(f"_ => {{{text[start:end]}}}\n}}\n")
        done = end
    write(text[done:])
    return "".join(pieces), lines
