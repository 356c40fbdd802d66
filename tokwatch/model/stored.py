"""What the store tells of single events, sessions and ledgers."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

from tokwatch.model.event import ModelName, Scope
from tokwatch.model.reading import LedgerLine
from tokwatch.model.usage import Usage


class Ancestor(Struct, frozen=True):
    """A session whose requests another one's log begins with, and how far."""

    session: str
    until_ms: int
    visible: dict[str, Usage]
    """Its requests up to there, its agents' included, by model."""


class Ledger(Struct, frozen=True):
    """A session's own totals, and what the transcripts show of the same requests."""

    source: str
    session: str
    instant_ms: int
    lines: tuple[LedgerLine, ...]
    visible: dict[str, Usage]
    """Its own requests up to the instant, its agents' included, by model."""
    ancestors: tuple[Ancestor, ...] = ()
    """The nearest last."""


class Spent(Struct, frozen=True):
    """What one recent event cost, and who spent it."""

    at_ms: int
    source: str
    session: str
    agent: str
    model: str
    tokens: int
    nano: int


class Moment(NamedTuple):
    """One event as a sum over time needs it: when, by which model, tokens and cost."""

    at_ms: int
    model: str
    input: int
    output: int
    cache_write: int
    cache_read: int
    nano: int
    uncosted: int = 0
    """Tokens without the cost that counts."""
    lower_bound: int = 0
    """1 when more may have been billed than was logged."""
    derived: int = 0
    """1 when it was computed from a running total."""


class EventFact(Struct, frozen=True):
    """One stored event, for lists and for what needs finer grain than a quarter of an hour."""

    key: int
    instant_ms: int
    scope: Scope
    model: ModelName
    usage: Usage
    window: int | None
    path: str
    offset: int


class SessionFact(Struct, frozen=True):
    """A session's totals and its latest request, agents apart."""

    source: str
    session: str
    agent: str
    kind: str
    parent: str
    project: str
    branch: str
    first_ms: int
    last_ms: int
    models: tuple[str, ...]
    """By cost, highest first."""
    last_model: ModelName
    context_tokens: int | None
    """Prompt tokens of the last request."""
    window: int | None
    """As logged."""
    largest_prompt: int
    """The largest prompt that its last model was sent, where above `WINDOW_TOKENS`; else 0."""
    path: str
    """The log of its last request."""
    usage: Usage
    hidden: Usage | None = None
    """Billed calls that no transcript line shows, derived from the tool's own totals."""
