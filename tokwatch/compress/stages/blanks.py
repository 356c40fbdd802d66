"""Blanks that carry nothing: at line ends, in runs of empty lines, in runs inside a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tokwatch.compress.nouns import Change, Risk
from tokwatch.compress.numbered import COLUMN
from tokwatch.compress.scene import Scene, Stage, Touch

_AT_END: Final = re.compile(r"(?<![ \t])[ \t]+(?=\n|\Z)")
_EMPTY_LINES: Final = re.compile(r"\n(?:[ \t]*\n){2,}")
_INSIDE: Final = re.compile(rf"^{COLUMN}[ \t]*|(?<=[^\s])(?P<run>[ \t]{{2,}})(?=[^\s])", re.M)
_LEADING: Final = re.compile(r"\A(?:[ \t]*\n)+")


def find(scene: Scene) -> Iterator[Change]:
    """Yield blanks at line ends, and empty lines beyond one."""
    for view in scene.views:
        for found in _LEADING.finditer(view.text):
            yield Change(view.number, *found.span(), "", "empty lines")
        for found in _EMPTY_LINES.finditer(view.text):
            yield Change(view.number, *found.span(), "\n\n", "empty lines")
        for found in _AT_END.finditer(view.text):
            yield Change(view.number, *found.span(), "", "blanks at the end of a line")


def find_inside(scene: Scene) -> Iterator[Change]:
    """Yield runs of blanks between words; indentation stays, behind a line's number too."""
    for view in scene.views:
        for found in _INSIDE.finditer(view.text):
            if found["run"]:
                yield Change(view.number, *found.span(), " ", "runs of blanks")


STAGE: Final = Stage(
    "blanks", "blanks at line ends, runs of empty lines", Risk.NONE, Touch.SPACE, find
)
INSIDE: Final = Stage("spacing", "runs of blanks inside lines", Risk.LOW, Touch.SPACE, find_inside)
