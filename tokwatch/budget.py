"""The nouns of budgets, goals and limits: frozen values, standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class BudgetUnit(StrEnum):
    """What a budget counts."""

    USD = "usd"
    """In nano-dollars."""
    TOKENS = "tokens"
    REQUESTS = "requests"


class Length(StrEnum):
    """The time that a budget is for."""

    BLOCK = "block"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    SESSION = "session"
    """Each session for itself, from its first request on; it has no end."""
    RUN = "run"
    """Work without a long pause, from its first request on; it has no end."""


class TokenClass(StrEnum):
    """Which tokens a budget counts."""

    ALL = "all"
    INPUT = "input"
    CACHE_READ = "cache_read"
    CACHE_WRITE = "cache_write"
    OUTPUT = "output"


class Scope(NamedTuple):
    """One name that usage must have for a budget to count it."""

    dimension: str
    """project, model, agent, user, key, tag, source or session."""
    name: str


@dataclass(frozen=True, slots=True)
class Budget:
    """An amount for a length of time and a part of all usage."""

    name: str
    unit: BudgetUnit
    limit: int
    per: Length
    scopes: tuple[Scope, ...] = ()
    each: str = ""
    """A dimension of which every name has this budget for itself; empty for none."""
    tokens: TokenClass = TokenClass.ALL
    pause_minutes: int = 30
    """A longer pause ends a run."""
    split: str = ""
    """The split that this is a part of; empty for none."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a budget stands at a moment; amounts are nano-dollars or counts."""

    name: str
    """Of the budget, as in the settings."""
    subject: str
    """What it is for where it is not for all: "project tokwatch", "session 7f3a"."""
    unit: str
    """A `BudgetUnit`."""
    period: str
    """A `Length`."""
    start_ms: int
    end_ms: int | None
    """None where nothing but the work itself ends it."""
    limit: int
    spent: int
    left: int
    """Below zero when more was spent."""
    share: float
    """Spent of the limit."""
    pace: float | None
    """Share spent against share of time gone: above 1, it goes faster than time."""
    runs_out_ms: int | None
    """When nothing is left at the present rate, an estimate; None where it lasts."""
    earliest_ms: int | None
    latest_ms: int | None
    """The band of that estimate; None where it lasts beyond the end."""
    is_estimate: bool
    """Whether part of what was spent is an estimate."""
    lower_bound: bool
    """Whether more may have been spent than the logs tell."""
    tokens: str = "all"
    """A `TokenClass`, for a budget of tokens."""
    unpriced_tokens: int = 0
    """Tokens without a price, which a budget in dollars cannot count."""
    scopes: tuple[Scope, ...] = ()
    """What it counts, the name of `each` included."""
    split: str = ""

    @property
    def is_over(self) -> bool:
        """Tell whether the limit is reached or passed."""
        return self.spent >= self.limit


@dataclass(frozen=True, slots=True)
class Goal:
    """A measure that should reach a target."""

    name: str
    measure: str
    target: float
    per: Length
    is_higher_better: bool
    scopes: tuple[Scope, ...] = ()
    baseline_days: int = 28
    """Days before the period that it is compared with, where no range is named."""
    baseline: tuple[str, str] | None = None
    """First and last day of the baseline, ISO."""


@dataclass(frozen=True, slots=True)
class GoalStanding:
    """How far a goal is reached; values are shares, or nano-dollars, tokens or counts."""

    name: str
    measure: str
    unit: str
    """"share", "usd", "tokens" or "count"."""
    subject: str
    period: str
    start_ms: int
    end_ms: int
    target: float
    value: float | None
    """None while nothing was used."""
    baseline: float | None
    baseline_start_ms: int
    baseline_end_ms: int
    is_higher_better: bool
    is_met: bool | None
    progress: float | None
    """Of the way from the baseline to the target; None without a baseline."""


class QuotaReading(NamedTuple):
    """What a tool told of an official limit of the user's plan."""

    source: str
    account: str
    """Whose, where the tool tells."""
    name: str
    """"5h", "7d" or what the tool calls it."""
    used_share: float
    window_minutes: int
    resets_ms: int
    seen_ms: int
    """When it was told: the limit may be fuller by now."""


class RateGauge(NamedTuple):
    """Tokens per minute against a limit, over a sliding minute."""

    provider: str
    model: str
    key: str
    tokens_per_minute: int
    limit: int
    mark: float
    """Share of the limit at which to slow down."""
    peak: int
    """The fullest minute of the shown range."""

    @property
    def share(self) -> float:
        """Tokens of the last minute as a share of the limit."""
        return self.tokens_per_minute / self.limit if self.limit else 0.0


def subject_of(scopes: tuple[Scope, ...]) -> str:
    """Return scopes in words."""
    return ", ".join(f"{scope.dimension} {scope.name}" for scope in scopes)


@dataclass(frozen=True, slots=True)
class QuotaStanding:
    """An official limit as it was last told."""

    reading: QuotaReading
    pace: float | None
    """Share used against share of time gone when it was told."""
    runs_out_ms: int | None
    """When it is full at that pace, an estimate; None where it lasts until the reset."""
    has_reset: bool
    """Whether it has reset since: what was used since nobody told."""


class Held(NamedTuple):
    """What a limiter would have held back."""

    requests: int
    """Of how many."""
    held: int
    """Requests that would have waited."""
    waited_ms: int
    """All of them together."""
    longest_ms: int


@dataclass(frozen=True, slots=True)
class RateStanding:
    """A rate limit, and what keeping it would have cost."""

    gauge: RateGauge
    held: Held
    since_ms: int
    """From here on the peak and the simulation are."""


@dataclass(frozen=True, slots=True)
class GuessedLimit:
    """A limit guessed from the user's own past blocks: no tool told it."""

    blocks: int
    """Blocks that it rests on."""
    tokens: int
    """Nine of ten of them used less."""
    nano: int
