"""Neighbouring lines that are the same, written once with their number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tokwatch.compress.nouns import Change, Risk
from tokwatch.compress.protect import Fence
from tokwatch.compress.scene import Scene, Stage, Touch, View
from tokwatch.compress.spans import lines
from tokwatch.compress.stages.json_text import regions
from tokwatch.compress.syntax import code_in

_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_OF_DATA: Final = ",;{}[]()\"'`\\"
"""How lines of data and of source code end, where a count would be a mistake in them."""


def find(scene: Scene) -> Iterator[Change]:
    """Yield runs of equal lines."""
    for view in scene.views:
        yield from _of(view)


def _of(view: View) -> Iterator[Change]:
    found = lines(view.text)
    data, source = Fence(lambda: list(regions(view))), code_in(view.text, view.about)
    first = 0
    for number in range(1, len(found) + 1):
        begin = found[first][0]
        line = view.text[slice(*found[first])]
        if number < len(found) and view.text[slice(*found[number])] == line:
            continue
        count = number - first
        end = found[number - 1][1]
        is_told = count > 1 and _is_told(line)
        if is_told and data.is_free(begin, end) and source.is_free(begin, end):
            replacement = f"{line} [×{count}]"
            yield Change(view.number, begin, end, replacement, f"{count} times")
        first = number


def _is_told(line: str) -> bool:
    """Say whether a line is words for a reader."""
    shown = line.strip()
    if not shown or shown[-1] in _OF_DATA or "= " in shown:
        return False
    return sum(1 for _ in _WORD.finditer(shown)) > 1


STAGE: Final = Stage(
    "repeats", "equal neighbouring lines, once and counted", Risk.NONE, Touch.ENCODE, find
)
