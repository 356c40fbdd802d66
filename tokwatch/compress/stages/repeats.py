"""Neighbouring lines that are the same, written once with their number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokwatch.compress.nouns import Change, Risk
from tokwatch.compress.scene import Scene, Stage, Touch, View
from tokwatch.compress.spans import lines


def find(scene: Scene) -> Iterator[Change]:
    """Yield runs of equal lines."""
    for view in scene.views:
        yield from _of(view)


def _of(view: View) -> Iterator[Change]:
    found = lines(view.text)
    first = 0
    for number in range(1, len(found) + 1):
        begin, end = found[first]
        line = view.text[begin:end]
        if number < len(found) and view.text[slice(*found[number])] == line:
            continue
        count = number - first
        if count > 1 and line.strip():
            replacement = f"{line} [×{count}]"
            yield Change(view.number, begin, found[number - 1][1], replacement, f"{count} times")
        first = number


STAGE: Final = Stage(
    "repeats", "equal neighbouring lines, once and counted", Risk.NONE, Touch.ENCODE, find
)
