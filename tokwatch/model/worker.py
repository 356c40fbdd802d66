"""How the threads do that work beside the screen: when each succeeded last, and what failed."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct


class WorkerState(Struct, frozen=True):
    """One of them."""

    name: str
    done_ms: int | None = None
    """When it last did what it is for, UTC."""
    error: str = ""
    """What fails now; empty where the last try succeeded."""
    told: str = ""
    """Why it does nothing although nothing failed."""


class Note(Protocol):
    """Takes note that a worker did its work, that it failed, or why it waits."""

    def __call__(self, name: str, /, *, error: str = "", told: str = "") -> None: ...


def unnoted(name: str, /, *, error: str = "", told: str = "") -> None:
    """Take no note."""
