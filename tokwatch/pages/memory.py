"""What a question remembers between two answers: reads that take long, for a little while."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Memory:
    """Answers of reads by what was asked, each with the time at which it was read."""

    kept: dict[Hashable, tuple[int, Any]] = field(default_factory=dict)
    """Any, because each read has an answer of its own type."""

    def recall(self, asked: Hashable, now_ms: int, for_ms: int, read: Callable[[], T]) -> T:
        """Return what was read at most so long ago, else read it anew."""
        known = self.kept.get(asked)
        if known is not None and 0 <= now_ms - known[0] < for_ms:
            found: T = known[1]
            return found
        self.kept = {
            key: value for key, value in self.kept.items() if 0 <= now_ms - value[0] < 60_000
        }
        found = read()
        self.kept[asked] = (now_ms, found)
        return found
