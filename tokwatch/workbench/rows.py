"""The original beside what became of it, line by line; changed words are told from the others."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from itertools import groupby, zip_longest
from typing import Final, NamedTuple

from tokwatch.compress.difference import changes as word_changes
from tokwatch.compress.nouns import Shape
from tokwatch.workbench.worked import Worked

_WORDS_UP_TO: Final = 4000
"""Characters of a change up to which its words are told apart."""
_UNSAFE: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
    "\ufff9-\ufffb]"
)
_TAB: Final = "    "


class Ink(IntEnum):
    """How a stretch of a line is drawn."""

    SAME = 0
    GONE = 1
    NEW = 2
    REJECTED = 3
    HEAD = 4
    """The line above a message."""


Seg = tuple[str, int]
"""A text and its ink."""
Segs = tuple[Seg, ...]


Place = tuple[int, int, int, int]
"""Part, start, end and number of a change."""


class Row(NamedTuple):
    """A line of the original and what stands in its place; None on a side where there is none."""

    left: Segs | None
    right: Segs | None
    left_number: int = 0
    right_number: int = 0
    change: int = -1
    """The first change in it."""
    is_rejected: bool = False
    """Whether that change was rejected."""

    @property
    def is_same(self) -> bool:
        """Tell whether nothing changed."""
        return self.change < 0


class Rows(NamedTuple):
    """All lines, and in which of them each change begins."""

    rows: list[Row]
    places: dict[int, int]
    """Row by number of the change."""


class Spot(NamedTuple):
    """A change in its place in a part."""

    start: int
    end: int
    replacement: str
    change: int
    """Its number."""
    is_rejected: bool


def rows_of(worked: Worked) -> Rows:
    """Return the lines of all parts."""
    made = _Made()
    spots = list(spots_of(worked))
    by_part = {part: [spot for _, spot in found] for part, found in groupby(spots, lambda s: s[0])}
    is_chat = worked.prompt.shape is not Shape.PLAIN
    for number, part in enumerate(worked.prompt.parts):
        if is_chat and not part.text.strip():
            continue  # such as thinking that only its provider can read
        if is_chat:
            about = f" · {part.about.split(chr(10))[0][:60]}" if part.about else ""
            made.head(f"{part.kind} · message {part.message + 1}{about}")
        made.part(part.text, by_part.get(number, []))
    return Rows(made.rows, made.places)


def spots_of(worked: Worked) -> Iterator[tuple[int, Spot]]:
    """Yield each change that stands, and each rejected one where none stands, with its part."""
    edits = worked.outcome.edits
    standing = [(edits[n].part, edits[n].start, edits[n].end, n) for n in worked.shown]
    rejected = [(edits[n].part, edits[n].start, edits[n].end, n) for n in worked.rejected]
    free = (one for one in rejected if not _is_covered(one, standing))
    at = (-1, 0)
    for part, start, end, number in sorted((*standing, *free), key=lambda one: (*one[:2], -one[2])):
        if (part, start) >= at:
            at = (part, end)
            yield (
                part,
                Spot(start, end, edits[number].replacement, number, number in worked.rejected),
            )


def _is_covered(one: Place, standing: Sequence[Place]) -> bool:
    """Tell whether a change lies where another one stands; those are in order and apart."""
    after = bisect_left(standing, (one[0], one[2]))
    return after > 0 and standing[after - 1][0] == one[0] and standing[after - 1][2] > one[1]


class _Made:
    """Rows while they are made."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.places: dict[int, int] = {}
        self._left: list[list[Seg]] = [[]]
        self._right: list[list[Seg]] = [[]]
        self._numbers = [0, 0]
        self._change = -1
        self._is_rejected = False

    def head(self, text: str) -> None:
        """Begin a message."""
        segs = ((clean(text), int(Ink.HEAD)),)
        self.rows.append(Row(segs, segs))

    def part(self, text: str, spots: Iterable[Spot]) -> None:
        """Add a text with its changes."""
        at = 0
        for spot in spots:
            self._same(text[at : spot.start], Ink.SAME)
            self.places[spot.change] = len(self.rows) + len(self._left) - 1
            if self._change < 0:
                self._change, self._is_rejected = spot.change, spot.is_rejected
            old = text[spot.start : spot.end]
            if spot.is_rejected:
                self._same(old, Ink.REJECTED, spot.change)
            else:
                self._changed(old, spot.replacement)
            at = spot.end
        self._same(text[at:], Ink.SAME)
        self._flush()

    def _same(self, text: str, ink: Ink, change: int = -1) -> None:
        first, *rest = text.split("\n")
        self._put(self._left, first, ink)
        self._put(self._right, first, ink)
        for line in rest:
            self._flush()
            self._change, self._is_rejected = change, change >= 0
            self._put(self._left, line, ink)
            self._put(self._right, line, ink)

    def _changed(self, old: str, new: str) -> None:
        if old and new and len(old) + len(new) <= _WORDS_UP_TO:
            at = 0
            for one in word_changes(0, old, new, ""):
                self._both(old[at : one.start])
                self._lines(self._left, old[one.start : one.end], Ink.GONE)
                self._lines(self._right, one.replacement, Ink.NEW)
                at = one.end
            self._both(old[at:])
            return
        self._lines(self._left, old, Ink.GONE)
        self._lines(self._right, new, Ink.NEW)

    def _both(self, text: str) -> None:
        self._lines(self._left, text, Ink.SAME)
        self._lines(self._right, text, Ink.SAME)

    def _lines(self, side: list[list[Seg]], text: str, ink: Ink) -> None:
        first, *rest = text.split("\n")
        self._put(side, first, ink)
        for line in rest:
            side.append([])
            self._put(side, line, ink)

    def _put(self, side: list[list[Seg]], text: str, ink: Ink) -> None:
        if text:
            side[-1].append((clean(text), int(ink)))

    def _flush(self) -> None:
        """Make rows of the lines up to here, at which both sides end."""
        for left, right in zip_longest(self._left, self._right):
            self._numbers[0] += left is not None
            self._numbers[1] += right is not None
            self.rows.append(
                Row(
                    None if left is None else tuple(left),
                    None if right is None else tuple(right),
                    self._numbers[0] if left is not None else 0,
                    self._numbers[1] if right is not None else 0,
                    self._change,
                    self._is_rejected,
                )
            )
        self._left, self._right = [[]], [[]]
        self._change, self._is_rejected = -1, False


def clean(text: str) -> str:
    """Return text without anything that a terminal would obey."""
    return text if text.isprintable() else _UNSAFE.sub(_seen, text)


def _seen(found: re.Match[str]) -> str:
    letter = found[0]
    if letter == "\t":
        return _TAB
    return chr(0x2400 + ord(letter)) if letter < " " else "\N{REPLACEMENT CHARACTER}"
