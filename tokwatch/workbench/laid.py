"""Lays rows out for a width: wrapped at words, side by side or one beneath the other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, zip_longest
from typing import Final, NamedTuple
from unicodedata import combining, east_asian_width

from tokwatch.workbench.rows import Ink, Row, Rows, Seg, Segs

NUMBER: Final = 5
"""Cells for a line's number."""
LEAST: Final = 8
_PIECE: Final = re.compile(r"\S+\s*|\s+")


class Line(NamedTuple):
    """One line of the picture; where only `left` is set it holds for both sides."""

    left: Segs | None
    right: Segs | None = None
    left_number: int = 0
    right_number: int = 0
    change: int = -1
    mark: str = " "
    """`-`, `+`, `~` for changed, `x` for rejected, `=` above a message."""


class Picture(NamedTuple):
    """The lines, and in which of them each change begins."""

    lines: list[Line]
    places: dict[int, int]


def pictured(made: Rows, width: int, *, is_split: bool) -> Picture:
    """Return the picture of rows in so many cells."""
    lines: list[Line] = []
    starts: list[int] = []
    room = max(LEAST, ((width - 3) // 2 if is_split else width) - NUMBER - 3)
    if is_split:
        for row in made.rows:
            starts.append(len(lines))
            lines += _side_by_side(row, room)
    else:
        for is_same, group in groupby(made.rows, lambda row: row.is_same):
            if is_same:
                for row in group:
                    starts.append(len(lines))
                    lines += _same(row, room)
            else:
                lines += _beneath(list(group), room, starts, len(lines))
    return Picture(lines, {change: starts[row] for change, row in made.places.items()})


def _same(row: Row, room: int) -> Iterator[Line]:
    if row.left and row.left[0][1] == Ink.HEAD:
        yield Line(row.left, None, mark="=")
        return
    for place, segs in enumerate(wrapped(row.left or (), room)):
        numbers = (row.left_number, row.right_number) if not place else (0, 0)
        yield Line(segs, None, *numbers)


def _side_by_side(row: Row, room: int) -> Iterator[Line]:
    if row.is_same:
        yield from _same(row, room)
        return
    left = wrapped(row.left, room) if row.left is not None else []
    right = wrapped(row.right, room) if row.right is not None else []
    mark = _mark(row, "~")
    for place, (one, other) in enumerate(zip_longest(left, right)):
        numbers = (row.left_number, row.right_number) if not place else (0, 0)
        yield Line(one, () if other is None else other, *numbers, row.change, mark)


def _beneath(rows: list[Row], room: int, starts: list[int], at: int) -> list[Line]:
    """Return changed rows: what was, then what is."""
    lines: list[Line] = []
    for _, group in groupby(rows, lambda row: row.change):
        block = list(group)
        starts += [at + len(lines)] * len(block)
        for row in block:
            if row.left is not None:
                mark = _mark(row, "-")
                lines += _one_side(row.left, row.left_number, row.change, mark, room)
        for row in block:
            if row.right is not None and row.left != row.right:
                lines += _one_side(row.right, row.right_number, row.change, "+", room)
    return lines


def _mark(row: Row, changed: str) -> str:
    """Return the sign of a row in which a change begins; a line feed at its end shows none."""
    if row.left != row.right:
        return changed
    return "x" if row.is_rejected else " "


def _one_side(segs: Segs, number: int, change: int, mark: str, room: int) -> Iterator[Line]:
    for place, part in enumerate(wrapped(segs, room)):
        shown = number if not place else 0
        yield Line(part, None, shown, shown, change, mark)


def wrapped(segs: Segs, room: int) -> list[Segs]:
    """Return a line as lines of at most so many cells, cut between words where that is possible."""
    if _cells(segs) <= room:
        return [segs]
    lines: list[list[Seg]] = [[]]
    left = room
    for word in _words(segs, room):
        bare = _bare(word)
        if _cells(bare) > left and lines[-1]:
            lines.append([])
            left = room
        # A blank at the end of a full line is not drawn.
        fitting = word if _cells(word) <= left else bare
        lines[-1] += fitting
        left -= _cells(fitting)
    return [_joined(line) for line in lines]


def _words(segs: Iterable[Seg], room: int) -> Iterator[list[Seg]]:
    """Yield words with the blanks behind them, what is longer than a line in parts."""
    word: list[Seg] = []
    for text, ink in segs:
        for found in _PIECE.finditer(text):
            piece = found[0]
            # A change may begin or end within a word, which stays whole.
            if word and word[-1][0][-1].isspace() and not piece[0].isspace():
                yield from _parted(word, room)
                word = []
            word.append((piece, ink))
    yield from _parted(word, room)


def _parted(word: list[Seg], room: int) -> Iterable[list[Seg]]:
    if _cells(word) <= room:
        return (word,)
    return (
        [(text[at : at + step], ink)]
        for text, ink in word
        for step in (room if text.isascii() else max(1, room // 2),)
        for at in range(0, len(text), step)
    )


def _bare(word: Sequence[Seg]) -> list[Seg]:
    """Return a word without the blanks behind it."""
    for end in range(len(word), 0, -1):
        text, ink = word[end - 1]
        if kept := text.rstrip():
            return [*word[: end - 1], (kept, ink)]
    return []


def _cells(segs: Sequence[Seg]) -> int:
    if len(segs) == 1:  # as nearly every word is
        return cells(segs[0][0])
    return sum(cells(text) for text, _ in segs)


def _joined(line: Sequence[Seg]) -> Segs:
    return tuple(
        ("".join(text for text, _ in group), ink)
        for ink, group in groupby(line, lambda seg: seg[1])
    )


def cells(text: str) -> int:
    """Return how many cells of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        2 if east_asian_width(letter) in "WF" else 0 if combining(letter) else 1 for letter in text
    )
