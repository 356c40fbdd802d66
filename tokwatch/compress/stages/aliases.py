"""Long folder names that come back often in a tool's output, declared once and shortened."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from tokwatch.compress.nouns import Change, Risk
from tokwatch.compress.protect import Guard
from tokwatch.compress.scene import Scene, Stage, Touch, View
from tokwatch.compress.syntax import code_in

_FOLDER: Final = re.compile(r"(?<![\w.$~-])(?:[A-Za-z]:)?/(?:[\w.@+-]+/)+(?=[\w.@+-])")
_FEWEST: Final = 5
_SHORTEST: Final = 12
_MOST: Final = 4


def find(scene: Scene) -> Iterator[Change]:
    """Yield folders that a short name can stand for."""
    for view in scene.views:
        if view.is_output and view.text.count("/") > 3 * _FEWEST:
            yield from _of(view)


def _of(view: View) -> Iterator[Change]:
    source = code_in(view.text, view.about)
    found = [one for one in _FOLDER.finditer(view.text) if source.is_free(*one.span())]
    if not source.is_free(0, 1):
        return
    names = _names(view.text, Counter(one[0] for one in found))
    if not names:
        return
    group = f"aliases {view.number}"
    legend = "".join(f"{name}={folder}\n" for folder, name in names.items())
    is_told = False
    for one in found:
        folder = next((f for f in names if one[0].startswith(f)), None)
        if folder is None:
            continue
        begin, end = one.start(), one.start() + len(folder)
        if not is_told and begin > 0:
            yield Change(view.number, 0, 1, legend + view.text[0], "legend", None, group)
        shown = f"{names[folder]}/" if begin > 0 else f"{legend}{names[folder]}/"
        is_told = True
        yield Change(view.number, begin, end, shown, f"{names[folder]} is {folder}", None, group)


def _names(text: str, folders: Counter[str]) -> dict[str, str]:
    """Return short names for the folders that pay most, the longest first."""
    counts: Counter[str] = Counter()
    for folder, count in folders.items():
        parts = folder.split("/")
        for size in range(2, len(parts)):
            counts["/".join(parts[:size]) + "/"] += count
    chosen: list[str] = []
    for folder, count in sorted(counts.items(), key=lambda one: -one[1] * (len(one[0]) - 3)):
        if count < _FEWEST or len(folder) < _SHORTEST or len(chosen) == _MOST:
            continue
        if not any(folder.startswith(one) or one.startswith(folder) for one in chosen):
            chosen.append(folder)
    free = (f"$P{number}" for number in range(1, 100) if f"$P{number}" not in text)
    return {folder: next(free) for folder in sorted(chosen, key=len, reverse=True)}


STAGE: Final = Stage(
    *("aliases", "long folder names, declared once", Risk.LOW, Touch.ENCODE, find),
    open=frozenset({Guard.CODE, Guard.TAG}),
)
