"""The nouns of alerts: what a rule found, what became of it, and how it was told.

Frozen values that store, analysis and screen share; standard library only.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Severity(StrEnum):
    """How much something matters, the least first."""

    NOTICE = "notice"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Return a number that grows with what it matters."""
        return tuple(Severity).index(self)


class AlertState(StrEnum):
    """Where an alert stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    CLOSED = "closed"


class Firing(Struct, frozen=True):
    """That a rule holds for a subject at one moment."""

    rule: str
    subject: str
    """What it is about: "all", or a kind and a name such as "session claude-code/7f3a"."""
    severity: Severity
    value: float
    threshold: float
    clear: float
    """The level at which it no longer counts."""
    title: str
    events: tuple[int, ...]
    """Keys of the requests that it rests on, the one to look at first."""
    at_ms: int
    user: str = ""
    """Whose it is, where it is one user's."""


class Judgement(Struct, frozen=True):
    """What a rule says of everything that it looks at, at one moment."""

    at_ms: int
    firings: tuple[Firing, ...]
    holding: frozenset[tuple[str, str]]
    """(Rule, subject) that no longer fire, but are not below the clear level."""
    judged: frozenset[str] = frozenset()
    """Rules that were judged: an alert of another one neither grows nor closes."""


class Alert(Struct, frozen=True):
    """Something that a rule found, from when it was found until it was over."""

    id: int
    rule: str
    subject: str
    severity: Severity
    opened_ms: int
    updated_ms: int
    value: float
    """The newest; `worst` is the furthest beyond the threshold."""
    worst: float
    threshold: float
    title: str
    closed_ms: int | None = None
    acknowledged_ms: int | None = None
    snoozed_until_ms: int | None = None
    clear_since_ms: int | None = None
    """Since when it is below its clear level; None while it is not."""
    times: int = 1
    """How often it was opened: one that flaps is one alert."""
    user: str = ""
    events: tuple[int, ...] = ()

    def state(self, at_ms: int) -> AlertState:
        """Return where it stands at a moment."""
        if self.closed_ms is not None:
            return AlertState.CLOSED
        if self.snoozed_until_ms is not None and at_ms < self.snoozed_until_ms:
            return AlertState.SNOOZED
        return AlertState.OPEN if self.acknowledged_ms is None else AlertState.ACKNOWLEDGED

    @property
    def name(self) -> tuple[str, str]:
        """What there is at most one open alert of: rule and subject."""
        return self.rule, self.subject


class AlertChange(Struct, frozen=True):
    """An alert that is to be written, and whether people are to be told of it."""

    alert: Alert
    is_new: bool
    tells: bool


class DeliveryState(StrEnum):
    """How far the telling of an alert has come."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Delivery(Struct, frozen=True):
    """That an alert is told by one road."""

    id: int
    alert: int
    channel: str
    """"webhook" or "command"."""
    state: DeliveryState
    tries: int
    at_ms: int
    """When it was asked for, or tried last."""
    error: str = ""
    """Why the last try failed; never an address."""
