"""What performance and quality are made from: frozen values of store and analysis; no I/O."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct


class Answered(NamedTuple):
    """One request, or a sum of several that is told as one; None is unknown."""

    key: int
    at_ms: int
    """Of the last record of the answer."""
    source: str
    session: str
    agent: str
    kind: str
    """"main", the tool's name for a sort of sub-agent, or "sub-agent"."""
    model: str
    requests: int
    """More than one make a sum, of which no single request is known."""
    prompt: int
    output: int | None
    nano: int | None
    """None where it has no price."""
    is_final: bool
    """False makes the output a lower bound."""
    is_derived: bool
    """True where the counts are the growth of a total."""
    begun_ms: int | None = None
    """What stands before the answer in its log: what the request was made of was there then."""
    duration_ms: int | None = None
    first_token_ms: int | None = None
    retries: int | None = None
    status: int | None = None
    """HTTP status of an answer that was an error."""
    is_from_cache: bool = False
    """True where a gateway answered from its own cache."""


class TurnTold(NamedTuple):
    """What one message of the user set off, or for a sub-agent its task."""

    source: str
    session: str
    agent: str
    kind: str
    begin_ms: int
    end_ms: int
    interrupted: bool
    finished: bool
    is_newest: bool
    """True for the latest turn that is known of its agent."""

    @property
    def is_open(self) -> bool:
        """Whether it may still go on."""
        return self.is_newest and not self.finished and not self.interrupted


class IncidentTold(NamedTuple):
    """What went wrong with a request."""

    at_ms: int
    source: str
    session: str
    agent: str
    kind: str
    """Of the agent, as of a request."""
    trouble: str
    """Such as "rate limit", "context length" or "interrupted"; see `detail.Incident`."""
    status: int
    attempt: int
    """Which attempt failed, from 1; 0 where no other one followed."""


class Lifetime(NamedTuple):
    """When a session had its first and its last answer, also where it began before the range."""

    source: str
    session: str
    first_ms: int
    last_ms: int


class Custom(NamedTuple):
    """Observations of something other than tokens, in one unit."""

    name: str
    unit: str
    values: tuple[tuple[int, float], ...]
    """Instant and value, the oldest first."""


class Told(Struct, frozen=True):
    """Everything that a range's performance is computed from."""

    answered: tuple[Answered, ...] = ()
    """The oldest first."""
    left_out: int = 0
    """Requests of the range that are older than the listed ones."""
    turns: tuple[TurnTold, ...] = ()
    """Those that began in the range."""
    incidents: tuple[IncidentTold, ...] = ()
    lifetimes: tuple[Lifetime, ...] = ()
    """Of the sessions with a request in the range."""
    detailed: frozenset[tuple[str, str]] = frozenset()
    """Source and session of those whose conversation was read: only these tell turns and errors."""
    overflowed: frozenset[tuple[str, str]] = frozenset()
    """Sessions that reached a compaction or an error of the context's length in the range."""
    custom: tuple[Custom, ...] = ()
