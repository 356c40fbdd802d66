"""JSON without blanks: the same values, the same numbers letter for letter."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from tokwatch.compress.draft import Span
from tokwatch.compress.nouns import Change, Kind, Risk
from tokwatch.compress.scene import Scene, Stage, Touch, View

_OPENING: Final = re.compile(r"^[ \t]*([\[{])", re.M)
_BLANKS: Final = re.compile(r'("(?:[^"\\]|\\.)*")|\s+')
_EXAMPLE: Final = re.compile(
    r"\b(?:exact|example|format|schema|like|structure|template|shape|form|follow|return|respond|"
    r"output|reply|beispiel|ejemplo|exemple)",
    re.I,
)
_SHORT: Final = 600
"""Characters up to which JSON among words may be an example of what to write."""
_DECODER: Final = json.JSONDecoder()


def find(scene: Scene) -> Iterator[Change]:
    """Yield JSON values that are written with blanks."""
    for view in scene.views:
        for start, end in regions(view):
            compact = _BLANKS.sub(lambda m: m[1] or "", view.text[start:end])
            yield Change(view.number, start, end, compact, "JSON without blanks")


def regions(view: View) -> Iterator[Span]:
    """Yield where JSON objects and lists stand that are not examples for the reader to follow."""
    text, at = view.text, 0
    for found in _OPENING.finditer(text):
        start = found.start(1)
        if start < at:
            continue
        end = _end(text, start)
        if end and _may_change(view, start, end):
            yield start, end
        at = max(at, end)


def _end(text: str, start: int) -> int:
    """Return where the JSON value ends that begins there; 0 where there is none."""
    if text[start : start + 2] in ("[!", "[ ") or not re.match(
        r'[\[{]\s*["\[{\d\-tfn\]}]', text[start : start + 200]
    ):
        return 0
    try:
        _, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return 0
    return end


def _may_change(view: View, start: int, end: int) -> bool:
    is_whole = not view.text[:start].strip() and not view.text[end:].strip()
    if view.is_output or is_whole:
        return True
    lines = view.text.count("\n", start, end)
    if not lines:
        return False
    before = view.text[max(0, start - 200) : start].strip().rpartition("\n")[2]
    return end - start > _SHORT and (view.kind is Kind.PLAIN or not _EXAMPLE.search(before))


STAGE: Final = Stage("json", "JSON without blanks", Risk.NONE, Touch.ENCODE, find)
