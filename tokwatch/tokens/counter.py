"""Counts the tokens of a text by its pieces and remembers them: an edit costs what it changed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import Final, NamedTuple

from tokwatch.tokens.pieces import pieces_of

Count = Callable[[str], int]
"""Returns the tokens of one piece."""

KEPT_CHARS: Final = 8_000_000
KEPT_TIMES: Final = 4
"""Pieces of so many characters, or of so many times the latest text, are remembered."""


class Tally(NamedTuple):
    """The tokens of a text."""

    tokens: int
    is_exact: bool = True
    """False where a run without a safe place was cut: off by a token a cut, at most."""


class PieceCounter:
    """Counts texts that are mostly alike, such as one that is edited; for one thread."""

    def __init__(self, count: Count) -> None:
        """Count pieces with `count`."""
        self._count = count
        self._known: dict[str, int] = {}
        self._text = ""
        self._lengths: list[int] = []
        self._tallies: list[Tally] = []
        """Of the pieces of the latest text, in their order."""
        self._tokens = self._inexact = self._kept_chars = 0

    def count(self, text: str) -> int:
        """Return the tokens of a text."""
        return self.tally(text).tokens

    def tally(self, text: str) -> Tally:
        """Return the tokens of a text; only the pieces that changed since the last one count."""
        first, last, middle = self._changed(text)
        pieces = list(pieces_of(middle))
        tallies = [Tally(self._counted(piece.text), piece.is_safe) for piece in pieces]
        before = self._tallies[first:last]
        self._tokens += _tokens(tallies) - _tokens(before)
        self._inexact += _inexact(tallies) - _inexact(before)
        self._lengths[first:last] = [len(piece.text) for piece in pieces]
        self._tallies[first:last] = tallies
        self._text = text
        self._forget()
        return Tally(self._tokens, not self._inexact)

    def _changed(self, text: str) -> tuple[int, int, str]:
        """Return which of the pieces before are others now, and the text in their place.

        A piece's end depends on how the next one begins: the one before a change counts as changed.
        Behind a change the text is cut where it was: what was a safe place is one still.
        """
        old = self._text
        head = common_head(old, text)
        tail = common_tail(old, text, min(len(old), len(text)) - head)
        ends = list(accumulate(self._lengths))
        first = max(0, bisect_right(ends, head) - 1)
        begin = ends[first - 1] if first else 0
        last = bisect_left(ends, len(old) - tail + 1) + 1
        if last >= len(ends):
            return first, len(ends), text[begin:]
        return first, last, text[begin : ends[last - 1] + len(text) - len(old)]

    def _counted(self, piece: str) -> int:
        found = self._known.get(piece)
        if found is None:
            found = self._known[piece] = self._count(piece)
            self._kept_chars += len(piece)
        return found

    def _forget(self) -> None:
        """Forget what was remembered, once that is much more than the latest text."""
        if self._kept_chars > max(KEPT_CHARS, KEPT_TIMES * len(self._text)):
            self._known, self._kept_chars = {}, 0


def common_head(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def common_tail(one: str, other: str, most: int) -> int:
    """Return how many characters two texts end with alike, at most so many."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def _tokens(tallies: list[Tally]) -> int:
    return sum(tally.tokens for tally in tallies)


def _inexact(tallies: list[Tally]) -> int:
    return sum(not tally.is_exact for tally in tallies)
