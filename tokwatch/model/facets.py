"""The nouns of the costs screen: what spending is told apart by, and sums of it.

Frozen values that store, analysis and screen share; no I/O.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct, field

from tokwatch.model.calendar import Calendar
from tokwatch.model.usage import CostMode, Slice

Value = str | int
"""A name; or of a facet of time a number, as its facet says."""


class Facet(StrEnum):
    """What spending can be told apart by, the most telling first."""

    PROJECT = "project"
    MODEL = "model"
    SESSION = "session"
    KIND = "agent"
    """"main", the tool's name for a sort of sub-agent, or "sub-agent"."""
    TOOL = "tool"
    """That an answer called; the one it called most, of equals the first by name."""
    SOURCE = "source"
    PROVIDER = "provider"
    AGENT = "agent id"
    BRANCH = "branch"
    DAY = "day"
    """Days since 1970-01-01 in the calendar asked for."""
    WEEKDAY = "weekday"
    """0 is Monday."""
    HOUR = "hour"
    """Of the day, by the clock on the wall."""
    TIER = "tier"
    USER = "user"
    KEY = "key"
    """The API key, by its name."""
    TAG = "tag"
    MACHINE = "machine"


TIMES = frozenset({Facet.DAY, Facet.WEEKDAY, Facet.HOUR})
"""Facets whose values are numbers."""

NO_TOOL = ""
"""Tool of an answer that called none."""
UNTOLD_TOOL = "?"
"""Tool of an answer of which no log told what it called, or whose log is not read so far."""


class Pick(NamedTuple):
    """One value of a facet: nothing else counts."""

    facet: Facet
    value: Value


Picks = tuple[Pick, ...]
"""All must hold; in the order in which they were made."""


class Portion(Struct, frozen=True):
    """A part of the spending, and by which calendar and cost it is counted."""

    part: Slice = field(default_factory=Slice)
    picks: Picks = ()
    calendar: Calendar = field(default_factory=Calendar)
    mode: CostMode = CostMode.AUTO

    @property
    def facets(self) -> frozenset[Facet]:
        """The facets that were picked of."""
        return frozenset(pick.facet for pick in self.picks)


class Unit(StrEnum):
    """What of an amount is shown."""

    COST = "cost"
    TOKENS = "tokens"
    REQUESTS = "requests"


class Amount(NamedTuple):
    """Sums of spending: requests, tokens by class, money, and how far it can be trusted."""

    requests: int = 0
    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0
    nano: int = 0
    missing: int = 0
    """Tokens without a cost."""
    lower_bound: int = 0
    derived: int = 0

    @property
    def tokens(self) -> int:
        """All tokens."""
        return self.input + self.cache_read + self.cache_write + self.output

    def of(self, unit: Unit) -> int:
        """Return the amount in a unit; money in nano-dollars."""
        if unit is Unit.COST:
            return self.nano
        return self.tokens if unit is Unit.TOKENS else self.requests


NOTHING = Amount()


def total(amounts: Sequence[Amount]) -> Amount:
    """Return the sum of any number of amounts."""
    if len(amounts) < 2:
        return amounts[0] if amounts else NOTHING
    return Amount(*map(sum, zip(*amounts, strict=True)))


class Spending(NamedTuple):
    """What was spent by one group: a value for each facet asked for, in their order."""

    group: tuple[Value, ...]
    amount: Amount


class Spell(NamedTuple):
    """What was spent in one bucket of time."""

    at_ms: int
    """Where it begins, UTC."""
    nano: int
    tokens: int
    requests: int
