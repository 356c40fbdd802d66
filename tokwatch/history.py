"""What was in use before an instant, and which requests failed: frozen values of the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class KnownBefore:
    """What was in use before an instant."""

    sessions: frozenset[str] = frozenset()
    """Of those that were asked about."""
    projects: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()


class Failure(NamedTuple):
    """A request that was answered after retries, or with an error."""

    key: int
    at_ms: int
    source: str
    session: str
    agent: str
    retries: int
    """Attempts before the one that was answered, where a log tells them."""
    status: int
    """HTTP status of an answer that was an error, else 0."""
