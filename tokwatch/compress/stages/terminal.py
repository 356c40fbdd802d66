"""Terminal output as a reader sees it: no colours, no cursor movement, no overwritten progress."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tokwatch.compress.nouns import Change, Risk
from tokwatch.compress.scene import Scene, Stage, Touch, View

ESCAPES: Final = re.compile(
    r"(?:\x1b(?:\[[0-9;:?<=>]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|"
    r"[@-Z\\^_=>]|[()][0-9AB]))+"
)
_RETURNS: Final = re.compile(r"\r+(?=\n|\Z)")


def find(scene: Scene) -> Iterator[Change]:
    """Yield what a terminal would not show."""
    for view in scene.views:
        if "\x1b" in view.text or "\r" in view.text:
            yield from _of(view)


def _of(view: View) -> Iterator[Change]:
    for found in ESCAPES.finditer(view.text):
        yield Change(view.number, *found.span(), "", "terminal codes")
    for found in _RETURNS.finditer(view.text):
        yield Change(view.number, *found.span(), "", "line ends")
    if view.is_output or "\x1b" in view.text:
        yield from _overwritten(view)


def _overwritten(view: View) -> Iterator[Change]:
    """Yield what a line held before its last return to the left."""
    text, at = view.text, view.text.find("\r")
    while at >= 0:
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        start = text.rfind("\n", 0, at) + 1
        shown = text[start:end].rstrip("\r").rfind("\r")
        if shown >= 0:
            yield Change(view.number, start, start + shown + 1, "", "overwritten progress")
        at = text.find("\r", end)


STAGE: Final = Stage(
    "terminal", "colour codes, cursor moves, overwritten progress", Risk.NONE, Touch.ENCODE, find
)
