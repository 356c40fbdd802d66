"""Log lines that differ in their figures only: the first of each kind, and how many follow."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from tokwatch.compress.draft import Span
from tokwatch.compress.nouns import Change, Risk
from tokwatch.compress.scene import Scene, Stage, Touch, View
from tokwatch.compress.spans import lines
from tokwatch.compress.syntax import code_in

_FIGURES: Final = re.compile(r"\b0x[0-9a-fA-F]+\b|\b[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b|\d+")
_LOGGED: Final = re.compile(
    r"^\W{0,3}(?:\d{4}[-/.]\d\d[-/.]\d\d|\d{6,8}[ T_-]\d|\d\d:\d\d:\d\d|"
    r"[A-Z][a-z]{2} [ \d]\d \d\d:|[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ \d\d:|"
    r"(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL|NOTICE)\b|"
    r"\d{9,}[. ]|- \d{9,} )",
)
_TROUBLE: Final = re.compile(r"\b(?:error|fail\w*|fatal|panic|exception|critical|denied)\b", re.I)
_FEWEST: Final = 3
_APART: Final = 40
"""Lines over which a kind that comes back still counts as told."""


class _Fold(NamedTuple):
    first: int
    members: list[int]


def find(scene: Scene) -> Iterator[Change]:
    """Yield lines whose like stands shortly before."""
    for view in scene.views:
        found = lines(view.text)
        if len(found) >= _FEWEST:
            yield from _of(view, found)


def _of(view: View, found: Sequence[Span]) -> Iterator[Change]:
    texts = [view.text[begin:end] for begin, end in found]
    source = code_in(view.text, view.about)
    for fold in _folds(texts):
        if not source.is_free(found[fold.first][0], found[fold.members[-1]][1]):
            continue
        group = f"log {view.number}:{fold.first}"
        count = len(fold.members)
        begin, end = found[fold.first]
        told = f"{texts[fold.first]} [+{count} like it]"
        yield Change(view.number, begin, end, told, f"{count} lines like it", None, group)
        for number in fold.members:
            begin, end = found[number]
            yield Change(view.number, begin - 1, end, "", "figures differ only", None, group)


def _folds(texts: Sequence[str]) -> Iterator[_Fold]:
    """Yield kinds of lines that come often enough to be told once."""
    logged = [bool(_LOGGED.match(text)) for text in texts]
    masks = [_mask(text) for text in texts]
    often = Counter(mask for mask in masks if mask)
    open_folds: dict[str, _Fold] = {}
    for number, mask in enumerate(masks):
        if not mask or often[mask] < _FEWEST or mask == texts[number]:
            continue
        fold = open_folds.get(mask)
        last = fold.members[-1] if fold and fold.members else fold.first if fold else -1
        reach = 1 if not logged[number] else len(texts) if not _TROUBLE.search(mask) else _APART
        if fold and number - last <= reach:
            fold.members.append(number)
            continue
        if fold:
            yield from _worth(fold)
        open_folds[mask] = _Fold(number, [])
    for fold in open_folds.values():
        yield from _worth(fold)


def _worth(fold: _Fold) -> Iterator[_Fold]:
    if len(fold.members) >= _FEWEST - 1:
        yield fold


def _mask(text: str) -> str:
    """Return a line without its figures; empty where it has no words beside them."""
    if len(text) < 12:
        return ""
    mask = _FIGURES.sub("0", text)
    return mask if len(re.findall(r"[A-Za-z]{3,}", mask)) >= 2 else ""


STAGE: Final = Stage(
    *("log-lines", "log lines that differ in figures only", Risk.LOW, Touch.REMOVE, find),
)
