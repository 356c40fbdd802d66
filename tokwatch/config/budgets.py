"""`[budget.NAME]`, `[split.NAME]` and `[goal.NAME]`, as config.toml has them, and their nouns."""

from datetime import date
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from tokwatch.model.budget import Budget, BudgetUnit, Goal, Length, Scope, TokenClass
from tokwatch.model.units import NANO

SCOPES: Final = ("project", "model", "agent", "user", "key", "tag", "source")
LEAST_TOKENS: Final = 200
"""What each agent of a split of tokens gets at least, unless set."""


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _are_days(value: object) -> bool:
    return isinstance(value, tuple | list) and all(map(_is_day, value))


Dollars = Annotated[float, Meta(ge=0.000001, le=1_000_000_000)]
Count = Annotated[int, Meta(ge=1, le=10**15)]
Least = Annotated[float, Meta(ge=0, le=1e15)]
Priority = Annotated[float, Meta(ge=0, le=1e15)]
Per = Literal["block", "day", "week", "month", "session", "run"]
Class = Literal["all", "input", "cache_read", "cache_write", "output"]
Name = Annotated[str, Meta(min_length=1)]
Days = Annotated[
    tuple[str, ...],
    Meta(
        description='a first and a last day, such as ["2026-01-01", "2026-01-31"]',
        extra={"fits": _are_days},
    ),
]
Pause = Annotated[int, Meta(ge=1, le=1_440)]
MeasureName = Literal[
    "cache_hit_rate",
    "cost_per_request",
    "cost_per_million_tokens",
    "cost_per_session",
    "tokens_per_request",
    "output_share",
    "cost",
    "tokens",
    "requests",
]
HIGHER_IS_BETTER: Final = frozenset({"cache_hit_rate", "output_share"})


class Scoped(Struct, frozen=True, forbid_unknown_fields=True):
    """What part of all usage counts: whatever has every name that is given."""

    project: Name | None = None
    model: Name | None = None
    agent: Name | None = None
    user: Name | None = None
    key: Name | None = None
    tag: Name | None = None
    source: Name | None = None

    def scopes(self) -> tuple[Scope, ...]:
        """Return the names that are given."""
        named = ((dimension, getattr(self, dimension)) for dimension in SCOPES)
        return tuple(Scope(dimension, name) for dimension, name in named if name)


class Amounts(Scoped, frozen=True):
    """An amount in exactly one unit, and the time that it is for."""

    usd: Dollars | None = None
    tokens: Count | None = None
    requests: Count | None = None
    per: Per = "day"
    token_class: Class = "all"
    pause_minutes: Pause = 30

    def _check(self) -> None:
        given = [unit.value for unit in BudgetUnit if getattr(self, unit.value) is not None]
        if len(given) != 1:
            told = " and ".join(given) if given else "none"
            raise ValueError(f"one of usd, tokens and requests must be given, not {told}")
        if self.token_class != "all" and self.tokens is None:
            raise ValueError("token_class is for a budget in tokens")

    @property
    def unit(self) -> BudgetUnit:
        """The unit that is given."""
        return next(unit for unit in BudgetUnit if getattr(self, unit.value) is not None)

    def limit(self) -> int:
        """Return the amount as nano-dollars or a count."""
        return nano_of(self.usd) if self.usd is not None else self.tokens or self.requests or 0


class BudgetTable(Amounts, frozen=True):
    """`[budget.NAME]`."""

    each: Literal["project", "model", "agent", "user", "key", "tag", "source", ""] = ""

    def __post_init__(self) -> None:
        self._check()
        if self.each and getattr(self, self.each) is not None:
            raise ValueError(f"{self.each} is named, and each {self.each} is asked for")

    def budget(self, name: str) -> Budget:
        """Return the budget of this name."""
        return Budget(
            *(name, self.unit, self.limit(), Length(self.per), self.scopes(), self.each),
            *(TokenClass(self.token_class), self.pause_minutes),
        )


class SplitTable(Amounts, frozen=True):
    """`[split.NAME]`: one total that is shared out among agents."""

    agents: tuple[Name, ...] = ()
    priority: dict[str, Priority] = {}
    minimum: Least | None = None
    minimums: dict[str, Least] = {}

    def __post_init__(self) -> None:
        self._check()
        if self.agent is not None:
            raise ValueError("agent is named, and a split is for several agents")
        names = self.names()
        if not names:
            raise ValueError("agents and priority name nobody")
        if stray := sorted(set(self.minimums) - set(names)):
            raise ValueError(f"minimums names {stray[0]!r}, which is no agent of the split")
        least = sum(self.least_of(name) for name in names)
        if least > self.limit():
            raise ValueError(
                f"minimum: {len(names)} agents get {self._words(least)} at least, "
                f"above the total of {self._words(self.limit())}"
            )

    def _words(self, amount: int) -> str:
        if self.unit is BudgetUnit.USD:
            return f"${amount / NANO:,.2f}"
        return f"{amount:,} {self.unit.value}"

    def names(self) -> tuple[str, ...]:
        """Return every agent once: those with a priority first."""
        return tuple(dict.fromkeys((*self.priority, *self.agents)))

    def least_of(self, name: str) -> int:
        """Return what an agent gets at least, as nano-dollars or a count."""
        least = self.minimums.get(name, self.minimum)
        if least is None:
            return LEAST_TOKENS if self.unit is BudgetUnit.TOKENS else 0
        return nano_of(least) if self.unit is BudgetUnit.USD else round(least)


class GoalTable(Scoped, frozen=True):
    """`[goal.NAME]`: a measure that should reach a target."""

    measure: MeasureName = "cache_hit_rate"
    target: Annotated[float, Meta(ge=0, le=1e12)] = 0.4
    per: Literal["day", "week", "month"] = "week"
    baseline_days: Annotated[int, Meta(ge=1, le=3_650)] = 28
    baseline: Days = ()

    def __post_init__(self) -> None:
        if len(self.baseline) not in (0, 2) or list(self.baseline) != sorted(self.baseline):
            raise ValueError("baseline is a first and a last day, in this order")
        if self.measure in HIGHER_IS_BETTER and self.target > 1:
            raise ValueError(f"target = {self.target:g} is no share; 0.4 is 40 %")

    def goal(self, name: str) -> Goal:
        """Return the goal of this name."""
        return Goal(
            *(name, self.measure, self.target, Length(self.per)),
            *(self.measure in HIGHER_IS_BETTER, self.scopes(), self.baseline_days),
            (self.baseline[0], self.baseline[1]) if self.baseline else None,
        )


def nano_of(usd: float) -> int:
    """Return dollars as nano-dollars."""
    return round(usd * NANO)
