"""Code with a number before each line, as tools print files: read without, changed with them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, Self

from msgspec.structs import replace

from tokwatch.compress.nouns import Change

COLUMN: Final = r"[ \t]*\d{1,6}(?:→|\t|│ ?|\| ?|: )"
"""What stands before a line."""
NUMBERED: Final = re.compile(r"^([ \t]*)(\d{1,6})(?:(→|\t|│ ?|\| ?|: )|:?$)", re.M)
"""The mark is missing where a line is empty and its blanks at the end are gone."""
_LINES: Final = re.compile(r"[^\n]*\n|[^\n]+")
_REMARK: Final = re.compile(r"^<system-reminder>", re.M)
"""What an agent writes after a file that it read."""


class Line(NamedTuple):
    """One line of the code, and where it stands in the text."""

    number: int
    begin: int
    """Where it begins in the text, with its number."""
    column: int
    """Characters of its number; 0 where it is counted from one before."""


class Numbered:
    """Code without its numbers, and the way back to the text."""

    def __init__(self, text: str, lines: Sequence[Line], mark: str, stop: int) -> None:
        self._text, self._mark = text, mark
        self._lines = [*lines, Line(lines[-1].number + 1, stop, 0)]
        self._starts = [0]
        texts = []
        for line, after in zip(self._lines, self._lines[1:], strict=False):
            texts.append(text[line.begin + line.column : after.begin])
            self._starts.append(self._starts[-1] + len(texts[-1]))
        self.code = "".join(texts)
        self._is_counted = any(not line.column for line in lines)

    @classmethod
    def of(cls, text: str) -> Self | None:
        """Return a text's numbered lines; None where they do not follow each other.

        A line without a number is one of them where the numbers around it leave room for it;
        others may be missing before a number.
        """
        lines: list[Line] = []
        mark, told = "", 0
        for one in NUMBERED.finditer(text):
            if not lines and one[3]:
                mark = one[3]
            elif not lines or not is_like(one, mark):
                continue
            elif not _fill(text, lines, one):
                if one[3]:
                    return None
                continue
            lines.append(Line(int(one[2]), one.start(), one.end() - one.start()))
            told += 1
        if told < 2:
            return None
        stop = _next(text, lines[-1].begin)
        if len(lines) > told:
            remark = _REMARK.search(text, stop)
            last, stop = stop, len(text) if remark is None else remark.start()
            _count(text, lines, last, stop)
        return cls(text, lines, mark, stop)

    @property
    def is_whole(self) -> bool:
        """Say whether the text begins with it."""
        return self._lines[0].begin == 0

    def restored(self, changes: Iterable[Change]) -> Iterator[Change]:
        """Yield changes of the code as changes of the text in which kept lines keep their number.

        Changes of the same lines become one, and of lines near each other where numbers are
        counted: the line after a gap then gets its number back.
        """
        near = 2 if self._is_counted else 0
        group: list[Change] = []
        for change in sorted(changes, key=lambda one: one.start):
            if group and self._at(change.start) > self._at(group[-1].end - 1) + near:
                yield self._written(group)
                group = []
            group.append(change)
        if group:
            yield self._written(group)

    def _written(self, group: Sequence[Change]) -> Change:
        first, after = self._at(group[0].start), self._at(group[-1].end - 1) + 1
        left = list(self._left(group, first, after))
        known = self._lines[first].number - 1 if first else -1
        new = ""
        for at, text in left:
            new += self._column(at, known) + text
            known = self._lines[at].number
        begin, end = self._lines[first].begin, self._lines[after].begin
        is_before = not self._lines[first].column and (not left or left[0][0] != first)
        if is_before:  # takes in the place of a number that an earlier stage took away
            begin, new = begin - 1, self._text[begin - 1] + new
        told = self._column(after, known) if after < len(self._lines) - 1 else ""
        is_after = bool(told) and not self._lines[after].column
        if is_after:
            new, end = new + told + self._text[end], end + 1
        old = self._text[begin:end]
        head = 0 if is_before else _alike(old, new)
        tail = 0 if is_after else _alike(old[head:][::-1], new[head:][::-1])
        shown = new[head : len(new) - tail]
        return replace(group[0], start=begin + head, end=end - tail, replacement=shown)

    def _left(self, group: Sequence[Change], first: int, after: int) -> Iterator[tuple[int, str]]:
        """Yield what is left of lines, each with the one whose number it keeps."""
        pieces, at = [], self._starts[first]
        for change in group:
            pieces += [(at, self.code[at : change.start]), (change.start, change.replacement)]
            at = change.end
        pieces.append((at, self.code[at : self._starts[after]]))
        text, owner = "", -1
        for place, piece in pieces:
            for part in _LINES.finditer(piece):
                own = self._at(place + part.start())
                if owner < 0 and part[0].strip():
                    owner = own
                text += part[0]
                if text.endswith("\n"):
                    yield (own if owner < 0 else owner), text
                    text, owner = "", -1
        if text:
            yield (after - 1 if owner < 0 else owner), text

    def _column(self, at: int, known: int) -> str:
        """Return what stands before a line after one of a number; empty where it can be counted."""
        line = self._lines[at]
        if line.column:
            return self._text[line.begin : line.begin + line.column]
        return "" if line.number == known + 1 else f"{line.number}{self._mark}"

    def _at(self, place: int) -> int:
        return bisect_right(self._starts, place, 0, len(self._lines) - 1) - 1


def is_like(one: re.Match[str], mark: str) -> bool:
    """Say whether a line may be numbered as one with a mark is."""
    return one[3] is None or one[3].rstrip(" ") == mark.rstrip(" ")


def _fill(text: str, lines: list[Line], after: re.Match[str]) -> bool:
    """Add the lines without numbers before one; say whether the numbers leave room for them."""
    begin = _next(text, lines[-1].begin)
    between = text.count("\n", begin, after.start())
    if lines[-1].number + between >= int(after[2]):
        return False
    _count(text, lines, begin, after.start())
    return True


def _count(text: str, lines: list[Line], begin: int, stop: int) -> None:
    """Add lines without numbers."""
    while begin < stop:
        lines.append(Line(lines[-1].number + 1, begin, 0))
        begin = min(stop, _next(text, begin))


def _next(text: str, place: int) -> int:
    """Return where the next line begins."""
    end = text.find("\n", place)
    return len(text) if end < 0 else end + 1


def _alike(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    for count, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return count
    return min(len(one), len(other))
