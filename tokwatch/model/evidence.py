"""What an audit rests on: frozen values that store, analysis and screen share; no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from tokwatch.model.budget import Scope as BudgetScope
from tokwatch.model.calendar import Calendar
from tokwatch.model.event import Grade, ModelName, Scope
from tokwatch.model.facets import Picks
from tokwatch.model.snapshot import Span
from tokwatch.model.usage import CostMode, Slice, Usage


@dataclass(frozen=True, slots=True)
class Focus:
    """Which requests are audited: those of a range, or of one session, or all."""

    part: Slice = field(default_factory=Slice)
    session: str = ""
    agent: str | None = None
    """One agent of the session; "" is its main agent, None stands for all."""
    picks: Picks = ()
    """What else must hold."""
    calendar: Calendar = field(default_factory=Calendar, compare=False)
    """By which picks of time are meant."""
    keys: tuple[int, ...] = ()
    """Single requests; empty stands for all."""

    @property
    def is_chosen(self) -> bool:
        """Whether requests are chosen one by one, or by what they are."""
        return bool(self.picks or self.keys)

    @property
    def is_all(self) -> bool:
        """Whether nothing but sources is chosen."""
        if self.session or self.is_chosen:
            return False
        return self.part == Slice(sources=self.part.sources)


class UsageOf(NamedTuple):
    """What one model of one source used."""

    source: str
    provider: str
    model: str
    usage: Usage
    first_ms: int
    """Of its first request, or of the quarter of an hour in which that was made."""
    last_ms: int


class LogsOf(NamedTuple):
    """How the logs of one source were read; all of each log, also beyond the focus."""

    source: str
    machines: tuple[str, ...]
    files: int
    lines: int
    repeated: int
    glued_lines: int
    bad_lines: int
    oversized_lines: int
    undated: int
    synthetic: int
    unknown: int
    sample: str
    """Names of the fields of one record of an unknown shape."""


class Merged(NamedTuple):
    """Sightings of one grade that were merged into requests that other logs tell."""

    source: str
    grade: Grade
    sightings: int


class Kept(NamedTuple):
    """Single events of one source, and how many requests they are.

    An event may be none (a part of a request that was billed on another model, a failure, an answer
    from a gateway's own cache) or several (the growth of a running total).
    """

    source: str
    events: int
    requests: int


class BothCosts(NamedTuple):
    """Requests that have a logged and a computed cost."""

    source: str
    requests: int
    logged_nano: int
    computed_nano: int


class Place(NamedTuple):
    """Where a log tells of a request."""

    machine: str
    path: str
    offset: int
    grade: Grade
    is_here: bool = True
    """False where another store told of it: there is no such file on this machine."""


class Evidence(NamedTuple):
    """One request as it is counted; None is unknown."""

    key: int
    at_ms: int
    scope: Scope
    model: ModelName
    requests: int
    input: int | None
    cache_read: int | None
    cache_write_5m: int | None
    cache_write_1h: int | None
    output: int | None
    reasoning: int | None
    logged_nano: int | None
    computed_nano: int | None
    is_final: bool
    """False makes the counts a lower bound."""
    place: Place
    """Where the counted record stands."""
    others: tuple[Place, ...]
    """Where other logs tell of the same request."""

    def counted(self, mode: CostMode) -> tuple[str, int]:
        """Return which cost counts under a mode ("logged", "computed" or ""), and how much."""
        logged, computed = self.logged_nano, self.computed_nano
        if logged is not None and mode is not CostMode.CALCULATE:
            return "logged", logged
        if computed is not None and mode is not CostMode.DISPLAY:
            return "computed", computed
        return "", 0


class Number(StrEnum):
    """A number of the screen that can be explained."""

    DAY = "day"
    """What the shown day came to."""
    BURN = "burn"
    """What the last minutes came to."""
    RANGE = "range"
    """What the shown range came to."""
    AGENT = "agent"
    """What an agent of a session came to, in all its life."""
    SOURCE = "source"
    """What a source came to, of all time."""
    SLICE = "slice"
    """What a part of a range came to."""
    BUDGET = "budget"
    """What counts for a budget."""
    REQUESTS = "requests"
    """Single requests."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A number on the screen, and the picture that it stands in."""

    number: Number
    at_ms: int
    """The moment of the picture."""
    span: Span = Span.HOURS
    day: str = ""
    """The day of the tiles, ISO."""
    minutes: int = 5
    """That the burn rate is taken over."""
    source: str = ""
    session: str = ""
    agent: str = ""
    part: Slice = field(default_factory=Slice)
    """Of a slice or a budget: its range."""
    picks: Picks = ()
    """Of a slice: what holds of its requests."""
    scopes: tuple[BudgetScope, ...] = ()
    """Of a budget: what it counts."""
    keys: tuple[int, ...] = ()
    """Of single requests: which."""
