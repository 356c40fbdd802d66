"""How the threads do that work beside the screen: when each succeeded last, and what failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class WorkerState:
    """One of them."""

    name: str
    done_ms: int | None = None
    """When it last did what it is for, UTC."""
    failed_ms: int | None = None
    error: str = ""
    """What fails now; empty where the last try succeeded."""
    told: str = ""
    """Why it does nothing although nothing failed."""


class Note(Protocol):
    """Takes note that a worker did its work, that it failed, or why it waits."""

    def __call__(self, name: str, /, *, error: str = "", told: str = "") -> None: ...


def unnoted(name: str, /, *, error: str = "", told: str = "") -> None:
    """Take no note."""
