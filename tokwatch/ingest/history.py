"""The logs as they were found at the start: read piece by piece, behind what the tools write."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from tokwatch.model.snapshot import Progress

if TYPE_CHECKING:
    from tokwatch.store.write import Written

SLICE_S: Final = 0.02
NEWS_S: Final = 0.06
"""After news the history rests for so long: the picture of them is made and painted meanwhile."""
STARVED_S: Final = 0.25
"""Without a piece for so long it is read on all the same."""
HELD_S: Final = 0.005
"""Between two looks whether it may be written again."""


class History(Struct):
    """What is left of it."""

    batches: Iterator[Written]
    total_bytes: int
    files_left: int
    done_bytes: int = 0
    is_held: Callable[[], bool] = lambda: False
    """Whether the store should stand still for a moment; what the tools write is written."""
    _due: float = 0.0
    _starved: float = 0.0

    def done(self, size: int) -> None:
        """Note that a log of so many bytes was read."""
        self.done_bytes += size
        self.files_left -= 1

    @property
    def progress(self) -> Progress:
        """Return how far it is read."""
        return Progress(self.done_bytes, self.total_bytes, self.files_left)

    def give_way(self) -> None:
        """Rest for a moment: the tools wrote something."""
        self._due = time.monotonic() + NEWS_S

    def rest_s(self) -> float:
        """Return how long it still rests."""
        if self.is_held():
            return HELD_S
        return max(0.0, min(self._due, self._starved) - time.monotonic())

    def read_on(self, may_go_on: Callable[[], bool], note: Callable[[Written], None]) -> bool:
        """Read a little, less when something else is to be done; tell whether something is left."""
        if self.rest_s():
            return True
        until = time.monotonic() + SLICE_S
        while time.monotonic() < until and may_go_on() and not self.is_held():
            written = next(self.batches, None)
            if written is None:
                return False
            note(written)
        self._starved = time.monotonic() + STARVED_S
        return True
