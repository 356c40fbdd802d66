"""Where a block, a day and a month end: a middle, and a band that eight of ten would end in.

What is to come is taken from what followed before: a stretch of time from the costs after earlier
moments at which money went about as fast, whole days from as many earlier days in a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from statistics import quantiles
from typing import Final

from msgspec import Struct

from tokwatch.model.units import QUARTER_MS

FEWEST_MOMENTS: Final = 20
FEWEST_DAYS: Final = 3
"""Earlier moments, on so many days, without which there is no band."""
FEWEST_RUNS: Final = 10
"""Earlier runs of days without which there is none."""
ALIKE: Final = 2.0
"""Earlier hours count that cost no more than so many times as much or as little."""
PACE_QUARTERS: Final = 4
"""Quarters of an hour that tell how fast money goes."""
DAY_QUARTERS: Final = 96

Costs = Sequence[tuple[int, int]]
"""(Quarter of an hour, nano-dollars), the oldest first; quarters without any are left out."""


class Band(Struct, frozen=True):
    """What is still to come, in nano-dollars."""

    low: int
    """The first decile of what followed before."""
    middle: int
    high: int
    """The last decile."""

    def after(self, nano: int) -> Band:
        """Return the band of a whole of which so much is spent."""
        return Band(self.low + nano, self.middle + nano, self.high + nano)


NOTHING: Final = Band(0, 0, 0)


def band_of(values: Iterable[float]) -> Band:
    """Return the deciles of values, within what was seen; there are two values at least."""
    cuts = quantiles(values, n=10, method="inclusive")
    return Band(round(cuts[0]), round(cuts[4]), round(cuts[-1]))


def following(costs: Costs, hour_nano: int, at_ms: int, until_ms: int) -> Band | None:
    """Return what the time up to an end costs, by what the last hour cost.

    None where that was nothing, or where there is too little before to tell what follows.
    """
    quarters = -(-(until_ms - at_ms) // QUARTER_MS)
    if quarters <= 0:
        return NOTHING
    if hour_nano <= 0:
        return None
    ratios, days = _ratios(costs, hour_nano, quarters, at_ms // QUARTER_MS)
    if len(ratios) < FEWEST_MOMENTS or len(days) < FEWEST_DAYS:
        return None
    scale = hour_nano * (until_ms - at_ms) / (quarters * QUARTER_MS)
    return band_of(ratio * scale for ratio in ratios)


def _ratios(
    costs: Costs, hour_nano: int, quarters: int, running: int
) -> tuple[list[float], set[int]]:
    """Return what followed earlier hours like the last, as multiples of each; and on which days.

    What followed ends before the running quarter of an hour.
    """
    known = {quarter_ms // QUARTER_MS: nano for quarter_ms, nano in costs}
    first = min(known, default=running)
    # The sum of all quarters before each one.
    sums = [0, *accumulate(known.get(number, 0) for number in range(first, running))]
    ratios, days = [], set()
    for place in range(PACE_QUARTERS, running - first - quarters + 1):
        hour = sums[place] - sums[place - PACE_QUARTERS]
        if hour_nano / ALIKE <= hour <= hour_nano * ALIKE:
            ratios.append((sums[place + quarters] - sums[place]) / hour)
            days.add((first + place) // DAY_QUARTERS)
    return ratios, days


def coming_days(daily: Sequence[int], days: int) -> Band | None:
    """Return what some whole days cost, from the costs of earlier days in their order."""
    if days <= 0:
        return NOTHING
    runs = [sum(daily[first : first + days]) for first in range(len(daily) - days + 1)]
    return band_of(runs) if len(runs) >= FEWEST_RUNS else None
