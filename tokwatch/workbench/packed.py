"""Long lists in pieces that stay packed until they are looked at.

A large picture has a million small values: unpacked at once, and then walked over by the garbage
collector again and again, they would hold the screen up.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from typing import Any, Final, Generic, TypeVar, overload

T = TypeVar("T")
PIECE: Final = 250
"""Values of a piece: unpacking one takes less than a millisecond."""
_HELD: Final = 8


class Packed(Sequence[T], Generic[T]):
    """A sequence of which a few pieces at a time are unpacked."""

    def __init__(self, pieces: Sequence[bytes] = (), count: int = 0) -> None:
        self.pieces, self._count = tuple(pieces), count
        self._held: dict[int, Sequence[T]] = {}

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[T]: ...
    def __getitem__(self, at: Any) -> Any:  # as Sequence has it
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(self._count))]
        if not 0 <= at < self._count:
            raise IndexError(at)
        return self._piece(at // PIECE)[at % PIECE]

    def __iter__(self) -> Iterator[T]:
        for number in range(len(self.pieces)):
            yield from self._piece(number)

    def _piece(self, number: int) -> Sequence[T]:
        found = self._held.get(number)
        if found is None:
            if len(self._held) >= _HELD:
                self._held.clear()
            found = pickle.loads(self.pieces[number])  # packed by our own process
            self._held[number] = found
        return found


def packed(values: Sequence[T]) -> Packed[T]:
    """Return a sequence in packed pieces."""
    pieces = [
        pickle.dumps(tuple(values[begin : begin + PIECE]), protocol=5)
        for begin in range(0, len(values), PIECE)
    ]
    return Packed(pieces, len(values))
