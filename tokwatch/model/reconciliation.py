"""What several tell of the same use: the logs, and each report of an endpoint; the gap and why."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from msgspec import Struct

from tokwatch.model.endpoint import Bucket
from tokwatch.model.usage import Cell


class Figures(NamedTuple):
    """What one says was used; None is not told. Token classes are disjoint."""

    requests: int | None = None
    input: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    """Whatever the time to live: few tell it apart."""
    output: int | None = None
    cost_nano: int | None = None

    @property
    def tokens(self) -> int | None:
        """Tokens of the classes that are told; None where none is."""
        told = [count for count in self[1:5] if count is not None]
        return sum(told) if told else None

    def amount(self, *, is_money: bool) -> int | None:
        """Return nano-dollars, or tokens."""
        return self.cost_nano if is_money else self.tokens


NO_FIGURES: Final = Figures()
"""Nothing is told."""


class Why(StrEnum):
    """Why two may differ; a positive gap is what the report says beyond the logs."""

    NAMES = "names"
    """The same use stands under another name of the model."""
    CACHED = "cached-in-input"
    """One of them counts cache reads as input."""
    LATE = "late"
    """The report was read before it told all of it."""
    EARLIER = "earlier"
    """It lies before the first figure of the report."""
    BOUNDARY = "day-boundary"
    """The day before or after has the opposite gap."""
    LOWER = "lower-bound"
    """Answers were logged unfinished: the logs say at least."""
    KEY = "another-key"
    """Keys that the other side does not know used it."""
    USER = "another-user"
    """Likewise users."""
    MACHINE = "another-machine"
    """The same key used more than these logs show."""
    ELSEWHERE = "elsewhere"
    """Another machine or another key: which of them cannot be told."""
    PAST = "not-through-it"
    """Another key, account or plan paid for it, or it went past the gateway."""
    UNPRICED = "unpriced"
    """One of them knows no price."""
    RATES = "rates"
    """Tokens do not explain the dollars: tiers, discounts or prices differ."""
    CLASSES = "classes"
    """All in all they agree; classes of tokens are drawn in another way."""
    SMALL = "small"
    """Less than a thousandth, or half a cent."""


class Reason(Struct, frozen=True):
    """A likely reason, and the numbers that it rests on."""

    why: Why
    tokens: int | None = None
    """How many tokens of the gap it explains; of UNPRICED, how many have no price."""
    cost_nano: int | None = None
    """How many dollars of the gap it explains, where the report tells dollars alone."""
    number: int | None = None
    """Requests: unfinished ones, or those that the report has more of."""
    names: tuple[str, ...] = ()
    """Keys or users, or the other name of the model."""
    day: int | None = None
    """The day that has the opposite gap."""


class Report(Struct, frozen=True):
    """One report of an endpoint over a range, and what of the logs it cannot know."""

    endpoint: str
    report: str
    kind: str
    """The kind of the endpoint."""
    buckets: tuple[Bucket, ...]
    first_ms: int
    """Begin of the oldest figure that it ever told: what was before is not compared."""
    told_ms: int
    """When it was read last."""
    earlier: tuple[Cell, ...] = ()
    """Logs of its first day before that figure, by what logs are grouped by."""
    later: tuple[Cell, ...] = ()
    """Logs since its last figures were still open, likewise."""


class Pair(Struct, frozen=True):
    """Logs and one report for one UTC day and model: logs + gap = says, class by class."""

    endpoint: str
    report: str
    day: int
    """Days since 1970-01-01, in UTC."""
    model: str
    """Empty for all models together: the report names none."""
    logs: Figures
    says: Figures
    gap: Figures
    """None where the report does not tell."""
    logged_as: tuple[str, ...] = ()
    told_as: tuple[str, ...] = ()
    keys: tuple[tuple[str, int], ...] = ()
    """Keys that the report names, each with its tokens or nano-dollars, the largest first."""
    users: tuple[tuple[str, int], ...] = ()
    """Likewise users."""
    logged_keys: tuple[tuple[str, int], ...] = ()
    """Keys that requests of the logs name, likewise; "" is of those that name none.

    None where the report speaks of keys of another kind."""
    logged_users: tuple[tuple[str, int], ...] = ()
    lower_bound: int = 0
    """Requests of the logs that were logged unfinished."""
    unpriced: int = 0
    """Tokens of the logs without a cost."""
    earlier: Figures = NO_FIGURES
    later: Figures = NO_FIGURES

    @property
    def is_money(self) -> bool:
        """Tell whether the report tells dollars alone."""
        return self.gap.tokens is None


class Row(Struct, frozen=True):
    """A pair and the likely reasons of its gap, the likeliest first; none without a gap."""

    pair: Pair
    reasons: tuple[Reason, ...]
