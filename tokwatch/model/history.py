"""What was in use before an instant, which requests failed, which memory files were taken in."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct


class KnownBefore(Struct, frozen=True):
    """What was in use before an instant."""

    sessions: frozenset[str] = frozenset()
    """Of those that were asked about."""
    projects: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()


class Failure(NamedTuple):
    """A request that was answered after retries, or with an error."""

    key: int
    """Event key of the request, or 0 where a conversation tells of it."""
    at_ms: int
    source: str
    session: str
    agent: str
    retries: int
    """Attempts before the one that was answered, where a log tells them."""
    status: int
    """HTTP status of an answer that was an error, else 0."""
    kind: str = ""
    """What went wrong, where a conversation tells it, as `detail.Incident` has it."""


class MemorySeen(NamedTuple):
    """A memory file, such as CLAUDE.md, as a conversation took it in."""

    at_ms: int
    source: str
    session: str
    agent: str
    subject: int
    """Hash of the file's name."""
    digest: int
    """Hash of its content."""
    tokens: int
    """Estimate."""
