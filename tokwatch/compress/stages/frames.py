"""Frames of a stack trace that lie in libraries, counted instead of listed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from tokwatch.compress.draft import Span
from tokwatch.compress.nouns import Change, Risk
from tokwatch.compress.scene import Scene, Stage, Touch, View
from tokwatch.compress.spans import lines

_FRAME: Final = re.compile(
    r"^\s*(?:File \"(?P<py>[^\"]+)\", line \d+|at .*?\(?(?P<js>[^\s()]+:\d+(?::\d+)?|Native Method|"
    r"<anonymous>)\)?\s*$|at (?P<java>[\w.$/<>]+)\([\w.$ ]+(?::\d+)?\)|\s+(?P<go>/\S+\.go:\d+))"
)
_LIBRARY: Final = re.compile(
    r"site-packages|dist-packages|/lib/python\d|\bnode_modules\b|node:internal|internal/|<frozen |"
    r"^(?:java|javax|jdk|sun|com\.sun|org\.(?:junit|apache|springframework|hibernate|gradle|eclipse)|"
    r"kotlin|scala|reactor|io\.netty)\.|/usr/(?:local/)?(?:lib|go)/|\.cargo/registry|/go/pkg/mod/"
)
_FEWEST: Final = 2


def find(scene: Scene) -> Iterator[Change]:
    """Yield runs of library frames."""
    for view in scene.views:
        if "line " in view.text or "at " in view.text or ".go:" in view.text:
            yield from _of(view)


def _of(view: View) -> Iterator[Change]:
    found = lines(view.text)
    run: list[int] = []
    number = 0
    while number < len(found):
        size = _library_frame(view.text, found, number)
        if size:
            run.append(number)
            number += size
            continue
        yield from _counted(view, found, run, number)
        run = []
        number += 1
    yield from _counted(view, found, run, number)


def _library_frame(text: str, found: Sequence[Span], number: int) -> int:
    """Return how many lines a library's frame has that begins there; 0 for another line."""
    line = text[slice(*found[number])]
    if len(line) > 400:
        return 0
    frame = _FRAME.match(line)
    where = frame and next((group for group in frame.groups() if group), None)
    if frame is None or where is None or not _LIBRARY.search(where if not frame["js"] else line):
        return 0
    if not frame["py"]:
        return 1
    size, indent = 1, len(line) - len(line.lstrip())
    while number + size < len(found) and size < 4:
        following = text[slice(*found[number + size])]
        inner = len(following) - len(following.lstrip())
        if inner <= indent or _FRAME.match(following):
            break
        size += 1
    return size


def _counted(view: View, found: Sequence[Span], run: list[int], end: int) -> Iterator[Change]:
    if len(run) >= _FEWEST:
        begin, finish = found[run[0]][0], found[end - 1][1]
        told = f"  [{len(run)} library frames]"
        yield Change(view.number, begin, finish, told, f"{len(run)} library frames")


STAGE: Final = Stage("frames", "library frames of stack traces", Risk.MEDIUM, Touch.REMOVE, find)
