"""How budgets, goals and limits stand: frozen values, standard library only."""

from __future__ import annotations

from msgspec import Struct

from tokwatch.model.budget import Scope


class Standing(Struct, frozen=True):
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


class GoalStanding(Struct, frozen=True):
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
    scopes: tuple[Scope, ...] = ()
    """What it measures; empty stands for everything."""


class QuotaReading(Struct, frozen=True):
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


class RateGauge(Struct, frozen=True):
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


class QuotaStanding(Struct, frozen=True):
    """An official limit as it was last told."""

    reading: QuotaReading
    pace: float | None
    """Share used against share of time gone when it was told."""
    runs_out_ms: int | None
    """When it is full at that pace, an estimate; None where it lasts until the reset."""
    has_reset: bool
    """Whether it has reset since: what was used since nobody told."""


class Held(Struct, frozen=True):
    """What a limiter would have held back."""

    requests: int
    """Of how many."""
    held: int
    """Requests that would have waited."""
    waited_ms: int
    """All of them together."""
    longest_ms: int


class RateStanding(Struct, frozen=True):
    """A rate limit, and what keeping it would have cost."""

    gauge: RateGauge
    held: Held
    since_ms: int
    """From here on the peak and the simulation are."""


class GuessedLimit(Struct, frozen=True):
    """A limit guessed from the user's own past blocks: no tool told it."""

    blocks: int
    """Blocks that it rests on."""
    tokens: int
    """Nine of ten of them used less."""
    nano: int
