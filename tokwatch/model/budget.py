"""What the user set: budgets and goals, frozen; standard library only."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from fnmatch import fnmatchcase

from msgspec import Struct


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


class Scope(Struct, frozen=True):
    """One name that usage must have for a budget to count it."""

    dimension: str
    """project, model, agent, user, key, tag, source or session."""
    name: str


class Budget(Struct, frozen=True):
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


class Goal(Struct, frozen=True):
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


def is_several(model: str) -> bool:
    """Tell whether a model's name stands for several: with `*`, or one word such as opus."""
    return model.isalpha() or any(sign in model for sign in "*?")


def is_model(model: str, named: str) -> bool:
    """Tell whether a model is one that a scope or a rule names."""
    if model == named or not is_several(named):
        return model == named
    if not named.isalpha():
        return fnmatchcase(model, named)
    words = "".join(letter if letter.isalnum() else " " for letter in model.lower()).split()
    return named.lower() in words


def models_of(named: str, known: Iterable[str]) -> list[str]:
    """Return the known models that a name stands for; the name itself where there is none."""
    return [one for one in known if is_model(one, named)] or [named]


def subject_of(scopes: tuple[Scope, ...]) -> str:
    """Return scopes in words."""
    return ", ".join(_named(scope) for scope in scopes)


def _named(scope: Scope) -> str:
    """Return a scope in words; a key without a name of its own is called one already."""
    kind = f"{scope.dimension} "
    return scope.name if scope.name.startswith(kind) else f"{kind}{scope.name}"
