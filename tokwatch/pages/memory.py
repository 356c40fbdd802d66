"""What a question remembers between two answers: reads that take long, for a little while."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

T = TypeVar("T")
FORGOTTEN_MS: Final = 60_000
"""What was not read anew for so long is forgotten, unless it is to be kept for longer."""


@dataclass(slots=True)
class Memory:
    """The newest answer of each read, with what was asked and when."""

    kept: dict[Hashable, tuple[Hashable, int, int, Any]] = field(default_factory=dict)
    """What was asked, when, for how long it is good, and the answer, of the read's own type."""
    begun: Hashable = None
    """What was asked first of a page that comes in two parts."""

    def is_begun(self, asked: Hashable) -> bool:
        """Tell whether a question was asked before, and note that it was."""
        before, self.begun = self.begun, asked
        return before == asked

    def recall(
        self, read: Hashable, asked: Hashable, now_ms: int, for_ms: int, make: Callable[[], T]
    ) -> T:
        """Return a read's last answer to the same question, if it is no older than that."""
        known = self.kept.get(read)
        if known is not None and known[0] == asked and 0 <= now_ms - known[1] < for_ms:
            found: T = known[3]
            return found
        self.kept = {
            name: one
            for name, one in self.kept.items()
            if 0 <= now_ms - one[1] < max(one[2], FORGOTTEN_MS)
        }
        found = make()
        self.kept[read] = (asked, now_ms, for_ms, found)
        return found
