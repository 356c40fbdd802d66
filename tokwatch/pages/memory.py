"""What a question remembers between two answers: reads that take long, for a little while."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from typing import Any, Final, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

T = TypeVar("T")
FORGOTTEN_MS: Final = 60_000
"""What was not read anew for so long is forgotten, unless it is to be kept for longer."""


class _Known(Struct, frozen=True):
    """An answer to what was asked, and for how long it is good."""

    asked: Hashable
    past: int | None
    """Number of the past that it was read from, where it is of the past."""
    at_ms: int
    for_ms: int
    answer: Any  # of the read's own type


class Memory(Struct):
    """The newest answer of each read, with what was asked and when."""

    kept: dict[Hashable, _Known] = field(default_factory=dict)
    begun: Hashable = None
    """What was asked of a page that comes in parts."""
    times: int = 0
    """How often that was asked."""

    def is_begun(self, asked: Hashable) -> bool:
        """Tell whether a question was asked before, and note that it was."""
        return self.times_asked(asked) > 0

    def times_asked(self, asked: Hashable) -> int:
        """Return how often a question was asked right before, and note that it was."""
        before = self.times if self.begun == asked else 0
        self.begun, self.times = asked, before + 1
        return before

    def recall(
        self, read: Hashable, asked: Hashable, now_ms: int, for_ms: int, make: Callable[[], T]
    ) -> T:
        """Return a read's last answer to the same question, if it is no older than that."""
        return self.recall_past(read, asked, None, now_ms, for_ms, make)

    def recall_past(
        self,
        read: Hashable,
        asked: Hashable,
        past: int | None,
        now_ms: int,
        for_ms: int,
        make: Callable[[], T],
        parts: Collection[Hashable] = (),
    ) -> T:
        """Return the last answer also while the past, by its number, is as it was then.

        `parts` are reads that `make` recalls: with an older one the answer is of no past.
        """
        known = self.kept.get(read)
        if known is not None and known.asked == asked:
            if past is not None and known.past == past:
                known = self.kept[read] = replace(known, at_ms=now_ms)  # as good as new
            if 0 <= now_ms - known.at_ms < for_ms:
                found: T = known.answer
                return found
        self.kept = {
            name: one
            for name, one in self.kept.items()
            if 0 <= now_ms - one.at_ms < max(one.for_ms, FORGOTTEN_MS)
        }
        made = make()
        if any(self.kept[part].past != past for part in parts if part in self.kept):
            past = None
        self.kept[read] = _Known(asked, past, now_ms, for_ms, made)
        return made
