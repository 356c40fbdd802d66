"""What a session's requests were, one after the other: frozen values, standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Sent(NamedTuple):
    """One request as its place in the sequence of its agent's requests shows it."""

    key: int
    at_ms: int
    source: str
    session: str
    agent: str
    model: str
    input: int
    cache_read: int | None
    """None where the source does not tell."""
    cache_write: int
    output: int
    nano: int
    retries: int
    """Attempts before the one that was answered, where a log tells them."""
    status: int
    """HTTP status of an answer that was an error, else 0."""

    @property
    def prompt(self) -> int:
        """Prompt tokens."""
        return self.input + (self.cache_read or 0) + self.cache_write


@dataclass(frozen=True, slots=True)
class KnownBefore:
    """What was in use before an instant."""

    sessions: frozenset[str] = frozenset()
    """Of those that were asked about."""
    projects: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
