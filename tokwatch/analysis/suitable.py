"""Which models a prompt fits, what it costs with each, and the cheapest that suits it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.tokens.estimate import Counted

SMALL_UP_TO: Final = 0.35
"""A prompt that asks for more is not for models that their makers call small."""
MOST_ERRORS: Final = 0.05
"""A model of which more attempts failed with you does not suit."""
LEAST_ATTEMPTS: Final = 20
"""Fewer tell nothing of that."""
_SMALL: Final = re.compile(
    r"(?:^|[-.\d])(?:haiku|mini|nano|flash|lite|small|tiny|instant|spark|air|\d+b)(?=$|[-.\d])"
)


class Level(Struct, frozen=True):
    """How much of a window is used."""

    name: str
    exit_code: int


OK: Final = Level("ok", 0)
WARNING: Final = Level("warning", 1)
CRITICAL: Final = Level("critical", 2)


class Room(Struct, frozen=True):
    """What of a window a prompt may take."""

    warning: float
    critical: float
    margin: float
    """Share that an estimate may fill, for it may be off."""
    reserve: int
    """Tokens that stay free for the answer."""


class Fitting(Struct, frozen=True):
    """A model with the prompt at hand."""

    model: str
    provider: str
    is_used: bool
    """Whether you use it."""
    counted: Counted
    window: int | None
    """None where no list tells it."""
    cold_nano: int | None
    """What sending it costs; None without a price."""
    cached_nano: int | None
    """The same once all of it is in the provider's cache."""
    error_rate: float | None = None
    """Share of your attempts that failed; None where too few are known."""
    attempts: int = 0
    fits: bool = False
    why_not: str = ""
    """Why it does not suit, in words; empty where it does."""
    is_cheapest: bool = False
    """Whether it is the cheapest that suits."""

    @property
    def share(self) -> float | None:
        """Return how much of its window the prompt takes."""
        return self.counted.tokens / self.window if self.window else None

    @property
    def is_small(self) -> bool:
        """Tell whether its maker calls it small."""
        return is_small(self.model)


def is_small(model: str) -> bool:
    """Tell whether a model's maker calls it small."""
    return _SMALL.search(model.lower()) is not None


def level_of(share: float | None, room: Room) -> Level:
    """Return how critical a share of a window is; of an unknown window nothing is known."""
    if share is None or share < room.warning:
        return OK
    return WARNING if share < room.critical else CRITICAL


def fitted(rows: Iterable[Fitting], complexity: float, room: Room) -> tuple[Fitting, ...]:
    """Return models judged for a prompt, the cheapest first, the cheapest that suits marked."""
    judged = [_judged(row, complexity, room) for row in rows]
    judged.sort(key=lambda row: (row.cold_nano is None, row.cold_nano or 0, row.model))
    best = next((row for row in judged if not row.why_not and row.cold_nano is not None), None)
    return tuple(replace(row, is_cheapest=row is best) for row in judged)


def _judged(row: Fitting, complexity: float, room: Room) -> Fitting:
    fits = row.window is not None and _fits(row, row.window, room)
    return replace(row, fits=fits, why_not=_why_not(row, complexity, fits=fits))


def _fits(row: Fitting, window: int, room: Room) -> bool:
    usable = window if row.counted.is_exact else int(window * room.margin)
    return row.counted.tokens + room.reserve <= usable


def _why_not(row: Fitting, complexity: float, *, fits: bool) -> str:
    if row.window is None:
        return "window not known"
    if not fits:
        return "too large for its window"
    if complexity > SMALL_UP_TO and row.is_small:
        return "a small model"
    if row.error_rate is not None and row.error_rate > MOST_ERRORS:
        return f"{row.error_rate:.0%} of your attempts failed"
    return ""
