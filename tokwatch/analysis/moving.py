"""Burn rates as moving averages: what is older counts less, half as much each half-life.

Over wall-clock time idle minutes count as nothing spent; over active time the clock stands still
while nobody works.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp2
from typing import Final

from msgspec import Struct

from tokwatch.model.facets import Spell
from tokwatch.model.units import MINUTE_MS

SHORT_MINUTES: Final = 5
LONG_MINUTES: Final = 60
"""Half-lives."""
LOOKBACK_MINUTES: Final = 12 * 60
"""Twelve long half-lives: what is older counts less than a four-thousandth."""
ACTIVE_MINUTES: Final = 5
"""A request makes the minutes from its own on active."""
TREND_MINUTES: Final = 60


class BurnRates(Struct, frozen=True):
    """Nano-dollars per hour at a moment."""

    short_nano: int = 0
    """With a half-life of five minutes."""
    long_nano: int = 0
    """With one of an hour."""
    active_nano: int | None = None
    """With one of an active hour, over active time alone; None where there was none."""
    tokens_per_minute: int = 0
    """With the short half-life."""
    active_minutes: int = 0
    """Active minutes of the last LOOKBACK_MINUTES."""
    trend_nano: tuple[int, ...] = ()
    """The short rate at the end of each of the last TREND_MINUTES, the oldest first."""


def burn_rates(spells: Iterable[Spell], at_ms: int) -> BurnRates:
    """Return the rates at a moment from spending by the minute; later minutes do not count."""
    by_age = {(at_ms - spell.at_ms) // MINUTE_MS: spell for spell in spells if spell.requests}
    ages = range(LOOKBACK_MINUTES)
    nano = [by_age[age].nano if age in by_age else 0 for age in ages]
    tokens = [by_age[age].tokens if age in by_age else 0 for age in ages]
    active = [age for age in ages if any(age + back in by_age for back in range(ACTIVE_MINUTES))]
    lengths = [1.0] * LOOKBACK_MINUTES
    lengths[0] = (at_ms % MINUTE_MS + 1) / MINUTE_MS
    return BurnRates(
        _per_minute(nano, lengths, ages, SHORT_MINUTES, 60),
        _per_minute(nano, lengths, ages, LONG_MINUTES, 60),
        _per_minute(nano, lengths, active, LONG_MINUTES, 60) if active else None,
        _per_minute(tokens, lengths, ages, SHORT_MINUTES, 1),
        len(active),
        _trend(nano),
    )


def _per_minute(
    values: Sequence[int], lengths: Sequence[float], ages: Sequence[int], half_life: int, times: int
) -> int:
    """Return the weighted mean of what was spent a minute, times a number of minutes.

    The weights follow the order of the ages, so that minutes that are left out take no time.
    """
    weights = [exp2(-order / half_life) for order in range(len(ages))]
    spent = sum(weight * values[age] for weight, age in zip(weights, ages, strict=True))
    passed = sum(weight * lengths[age] for weight, age in zip(weights, ages, strict=True))
    return round(spent * times / passed)


def _trend(nano: Sequence[int]) -> tuple[int, ...]:
    """Return the short rate at the end of each of the last minutes, full ones."""
    keep = exp2(-1 / SHORT_MINUTES)
    rate, found = 0.0, []
    for value in reversed(nano):
        rate = rate * keep + value * (1 - keep)
        found.append(round(rate * 60))
    return tuple(found[-TREND_MINUTES:])
