"""Line numbers before every line: the first and every tenth are enough to count from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tokwatch.compress.nouns import Change, Risk
from tokwatch.compress.numbered import NUMBERED, is_like
from tokwatch.compress.protect import Guard
from tokwatch.compress.scene import Scene, Stage, Touch, View

_FEWEST: Final = 5


def find(scene: Scene) -> Iterator[Change]:
    """Yield the numbers that follow from those before."""
    for view in scene.views:
        yield from _of(view, max(2, scene.settings.every_number))


def _of(view: View, step: int) -> Iterator[Change]:
    run: list[re.Match[str]] = []
    for found in NUMBERED.finditer(view.text):
        if run and not _follows(view.text, run, found):
            yield from _shorter(view.number, run, step)
            run = []
        if run or found[3]:
            run.append(found)
    yield from _shorter(view.number, run, step)


def _follows(text: str, run: list[re.Match[str]], found: re.Match[str]) -> bool:
    last = run[-1]
    is_next = int(found[2]) == int(last[2]) + 1 and is_like(found, run[0][3])
    return is_next and text.count("\n", last.start(), found.start()) == 1


def _shorter(part: int, run: list[re.Match[str]], step: int) -> Iterator[Change]:
    if len(run) < _FEWEST:
        return
    for place, found in enumerate(run):
        is_kept = place == 0 or int(found[2]) % step == 0
        if not is_kept:
            yield Change(part, found.start(), found.end(), "", "line numbers", None, f"n{part}")
        elif found[1]:
            end = found.start() + len(found[1])
            yield Change(part, found.start(), end, "", "line numbers", None, f"n{part}")


STAGE: Final = Stage(
    *("line-numbers", "line numbers: the first and every tenth", Risk.LOW, Touch.ENCODE, find),
    open=frozenset({Guard.ENUM, Guard.NUMBER, Guard.TAG, Guard.CODE}),
)
