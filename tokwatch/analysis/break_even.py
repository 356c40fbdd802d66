"""Compression against prompt caching: what a cut costs now, saves later, and when it pays. Pure.

docs/workbench.md has the sums: D tokens go, S tokens that the cache holds stand behind the first
change and are written anew; a token read costs r, one written w.
"""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

from tokwatch.model.units import HOUR_MS, NANO

FIVE_MINUTES_MS = 300_000
MILLION = 1_000_000


class CacheRates(NamedTuple):
    """Nano-dollars a million tokens: sent without a cache, written to it, read from it."""

    input: int
    write: int
    """For five minutes, or where a provider knows but one price of writing."""
    read: int
    write_hour: int = 0
    """For an hour; 0 where writing costs the same."""

    def written(self, *, is_hour: bool) -> int:
        """Return what writing costs to a cache that lasts an hour, or the usual one."""
        return self.write_hour if is_hour and self.write_hour else self.write

    @property
    def is_cached(self) -> bool:
        """Tell whether reading costs less than sending."""
        return 0 < self.read < self.input


class BreakEven(NamedTuple):
    """What a cut into a warm prefix comes to, in nano-dollars."""

    costs_now: int
    saves: int
    """With each request from now on."""
    requests: int | None
    """After so many it has paid; None where it never does."""


def break_even(removed: int, behind: int, rates: CacheRates, *, is_hour: bool = False) -> BreakEven:
    """Return what cutting `removed` tokens comes to with `behind` cached ones after the cut."""
    costs = max(0, behind * (rates.written(is_hour=is_hour) - rates.read) // MILLION)
    saves = removed * rates.read // MILLION
    if costs <= 0:
        return BreakEven(0, saves, 0)
    return BreakEven(costs, saves, ceil(costs / saves) if saves > 0 else None)


def is_warm(last_ms: int, now_ms: int, *, is_hour: bool) -> bool:
    """Tell whether what a session sent last is in the cache still."""
    return 0 <= now_ms - last_ms < (HOUR_MS if is_hour else FIVE_MINUTES_MS)


class CallCost(NamedTuple):
    """What a prompt costs before and after, in nano-dollars."""

    fresh_before: int
    """A call, at the price of what was never sent before."""
    fresh_after: int
    mixed_before: int | None
    """A call, at what a token of the user's own prompts comes to; None where that is not known."""
    mixed_after: int | None
    calls_a_day: float

    @property
    def saved_a_day(self) -> int | None:
        """Return what is saved in a day, at the user's own mix where it is known."""
        if not self.calls_a_day:
            return None
        before, after = self.mixed_before, self.mixed_after
        if before is None or after is None:
            before, after = self.fresh_before, self.fresh_after
        return round((before - after) * self.calls_a_day)


def call_cost(
    before: int, after: int, rates: CacheRates, mixed: int | None, calls_a_day: float
) -> CallCost:
    """Return costs of so many tokens; `mixed` is nano-dollars a million of the user's own mix."""
    return CallCost(
        before * rates.input // MILLION,
        after * rates.input // MILLION,
        None if mixed is None else before * mixed // MILLION,
        None if mixed is None else after * mixed // MILLION,
        calls_a_day,
    )


def mixed_rate(
    input: int, read: int, write: int, rates: CacheRates, for_an_hour: int = 0
) -> int | None:
    """Return nano-dollars a million tokens of prompts that were partly cached.

    `for_an_hour` are those of the written tokens that were to last so long.
    """
    tokens = input + read + write
    if not tokens:
        return None
    short = (write - for_an_hour) * rates.write
    long = for_an_hour * rates.written(is_hour=True)
    return (input * rates.input + read * rates.read + short + long) // tokens


def affordable(left_nano: int, rates: CacheRates) -> int:
    """Return how many tokens that were never sent before so much money buys."""
    return left_nano * MILLION // rates.input if rates.input > 0 else NANO
