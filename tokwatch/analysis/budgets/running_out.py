"""When a budget runs out at the present rate: a middle, and a band around it. Never a promise."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from tokwatch.analysis.projection import ALIKE, FEWEST_DAYS, FEWEST_MOMENTS, PACE_QUARTERS
from tokwatch.model.units import DAY_MS, QUARTER_MS

DAY_QUARTERS: Final = DAY_MS // QUARTER_MS
LOWEST, HIGHEST = 0.1, 0.9
"""The shares of earlier cases between which the band lies."""


class RunOut(NamedTuple):
    """When nothing is left; None where it lasts beyond the end."""

    middle_ms: int | None = None
    earliest_ms: int | None = None
    latest_ms: int | None = None


class Pace(NamedTuple):
    """What was used in a length of time up to the moment."""

    span_ms: int
    amount: int


NEVER: Final = RunOut()


def run_out(
    left: int,
    at_ms: int,
    end_ms: int | None,
    pace: Pace,
    others: Sequence[Pace],
    followed: Sequence[tuple[int, int]] = (),
) -> RunOut:
    """Return when a budget runs out at a pace.

    The band is of what followed earlier hours like the last (`followed`: quarters and amounts);
    where there are too few, it is between the slowest and the fastest of some paces.
    """
    if left <= 0:
        return RunOut(at_ms, at_ms, at_ms)
    if pace.amount <= 0:
        return NEVER
    wait = left * pace.span_ms / pace.amount
    horizon_ms = None if end_ms is None else end_ms - at_ms
    waits = None
    if followed and horizon_ms is not None:
        waits = _waits_like(followed, pace, left, at_ms, horizon_ms)
    low, high = waits or _waits_of((pace, *others), left)
    return RunOut(
        _at(at_ms, wait, horizon_ms),
        _at(at_ms, min(low, wait), horizon_ms),
        None if high is None else _at(at_ms, max(high, wait), horizon_ms),
    )


def _at(at_ms: int, wait_ms: float, horizon_ms: int | None) -> int | None:
    if horizon_ms is not None and wait_ms >= horizon_ms:
        return None
    return at_ms + round(wait_ms)


def _waits_of(paces: Sequence[Pace], left: int) -> tuple[float, float | None]:
    """Return how long it lasts at the fastest and the slowest of some paces."""
    rates = [pace.amount / pace.span_ms for pace in paces]
    return left / max(rates), left / min(rates) if min(rates) > 0 else None


def _waits_like(
    followed: Sequence[tuple[int, int]], pace: Pace, left: int, at_ms: int, horizon_ms: int
) -> tuple[float, float | None] | None:
    """Return how long as much lasted after earlier hours like the last one; None after too few.

    What followed is scaled as those hours were to the last one.
    """
    hour = pace.amount * PACE_QUARTERS * QUARTER_MS / pace.span_ms
    running = at_ms // QUARTER_MS
    known = {quarter_ms // QUARTER_MS: amount for quarter_ms, amount in followed}
    first = min(known, default=running)
    sums = [0, *accumulate(known.get(number, 0) for number in range(first, running))]
    quarters = -(-horizon_ms // QUARTER_MS)
    waits, days = [], set()
    for place in range(PACE_QUARTERS, running - first - quarters + 1):
        before = sums[place] - sums[place - PACE_QUARTERS]
        if before > 0 and hour / ALIKE <= before <= hour * ALIKE:
            waits.append(_wait(sums, place, left * before / hour))
            days.add((first + place) // DAY_QUARTERS)
    if len(waits) < FEWEST_MOMENTS or len(days) < FEWEST_DAYS:
        return None
    waits.sort()
    high = waits[round(HIGHEST * (len(waits) - 1))]
    return waits[round(LOWEST * (len(waits) - 1))], high if high < float("inf") else None


def _wait(sums: Sequence[int], place: int, amount: float) -> float:
    """Return how long from a place on until so much was used; infinity where it never was."""
    target = sums[place] + amount
    reached = bisect_left(sums, target, lo=place)
    if reached >= len(sums):
        return float("inf")
    if reached <= place:
        return 0.0
    step = sums[reached] - sums[reached - 1]
    return (reached - 1 - place + (target - sums[reached - 1]) / step) * QUARTER_MS
