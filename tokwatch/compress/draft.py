"""A part's text while stages change it, with the way back from any place to the original."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from tokwatch.compress.nouns import Edit

Span = tuple[int, int]


class Piece(NamedTuple):
    """A stretch of the original, as it is or replaced."""

    start: int
    end: int
    text: str | None = None
    """None: as it is."""


class Wish(NamedTuple):
    """A change of the text as it stands."""

    start: int
    end: int
    replacement: str


class Hull(NamedTuple):
    """Wishes as one replacement of a stretch of the original."""

    start: int
    end: int
    replacement: str
    wishes: tuple[int, ...]
    """Their numbers."""


class Draft:
    """One part's current text."""

    def __init__(self, original: str, pieces: Sequence[Piece] = ()) -> None:
        self.original = original
        self._pieces = pieces or (Piece(0, len(original)),)
        texts = [_text(original, piece) for piece in self._pieces]
        self.text = "".join(texts)
        self._offsets = list(accumulate((len(text) for text in texts[:-1]), initial=0))

    def hulls(self, wishes: Sequence[Wish]) -> list[Hull]:
        """Return wishes, which are in order and apart, as replacements in the original.

        What touches an earlier replacement takes it in as a whole, so of any two edits of a part
        the later one holds the earlier one or they are apart.
        """
        found: list[Hull] = []
        last_piece = -1
        group: list[int] = []
        first = 0
        for number, wish in enumerate(wishes):
            begin, finish = self._touched(wish)
            if group and begin == last_piece and self._pieces[begin].text is not None:
                group.append(number)
            else:
                if group:
                    found.append(self._hull(first, last_piece, wishes, group))
                group, first = [number], begin
            last_piece = finish
        if group:
            found.append(self._hull(first, last_piece, wishes, group))
        return found

    def after(self, hulls: Iterable[Hull]) -> Draft:
        """Return the text with replacements, which are in order and apart."""
        pieces: list[Piece] = []
        old = iter(self._pieces)
        current = next(old, None)
        for hull in hulls:
            while current is not None and current.end <= hull.start:
                pieces.append(current)
                current = next(old, None)
            if current is not None and current.start < hull.start:
                pieces.append(Piece(current.start, hull.start))
            pieces.append(Piece(hull.start, hull.end, hull.replacement))
            while current is not None and current.end <= hull.end:
                current = next(old, None)
            if current is not None and current.start < hull.end:
                current = Piece(hull.end, current.end)
        if current is not None:
            pieces.append(current)
            pieces.extend(old)
        return Draft(self.original, pieces)

    def current(self, spans: Sequence[Span]) -> list[Span]:
        """Return where spans of the original, in order, stand; of one cut by edits what is left."""
        if len(self._pieces) == 1 and self._pieces[0].text is None:
            return list(spans)
        found: list[Span] = []
        starts = [piece.start for piece in self._pieces]
        for start, end in spans:
            at = bisect_right(starts, start) - 1
            while at < len(starts) and starts[at] < end:
                piece = self._pieces[at]
                if piece.text is None:
                    moved = self._offsets[at] - piece.start
                    found.append((max(start, piece.start) + moved, min(end, piece.end) + moved))
                at += 1
        return found

    def _touched(self, wish: Wish) -> tuple[int, int]:
        """Return the first and the last piece that a wish reaches into."""
        begin = bisect_right(self._offsets, wish.start) - 1
        finish = begin
        while finish + 1 < len(self._offsets) and self._offsets[finish + 1] < wish.end:
            finish += 1
        return begin, finish

    def _hull(self, first: int, last: int, wishes: Sequence[Wish], group: list[int]) -> Hull:
        head, tail = self._pieces[first], self._pieces[last]
        begin, finish = wishes[group[0]].start, wishes[group[-1]].end
        if head.text is None:
            start = head.start + begin - self._offsets[first]
        else:
            start, begin = head.start, self._offsets[first]
        if tail.text is None:
            end = tail.start + finish - self._offsets[last]
        else:
            end, finish = tail.end, self._offsets[last] + len(tail.text)
        texts: list[str] = []
        at = begin
        for number in group:
            wish = wishes[number]
            texts += (self.text[at : wish.start], wish.replacement)
            at = wish.end
        texts.append(self.text[at:finish])
        return Hull(start, end, "".join(texts), tuple(group))


def outermost(edits: Iterable[Edit]) -> list[int]:
    """Return the numbers of a part's edits that show: a later one hides those that it holds."""
    numbered = sorted(enumerate(edits), key=lambda e: (e[1].start, -e[1].end, -e[0]))
    found, at = [], 0
    for number, edit in numbered:
        if edit.start >= at:
            found.append(number)
            at = edit.end
    return found


def rendered(original: str, edits: Sequence[Edit]) -> str:
    """Return a part's text with its edits, of which a later one hides those that it holds."""
    texts: list[str] = []
    at = 0
    for number in outermost(edits):
        edit = edits[number]
        texts += (original[at : edit.start], edit.replacement)
        at = edit.end
    texts.append(original[at:])
    return "".join(texts)


def _text(original: str, piece: Piece) -> str:
    return original[piece.start : piece.end] if piece.text is None else piece.text
