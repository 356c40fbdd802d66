"""How values are spread: percentiles by nearest rank, and histograms with round bounds."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import chain, count, pairwise
from math import floor, inf, log10, nextafter
from typing import Final, NamedTuple

from msgspec import Struct

MOST_BARS: Final = 20
WIDE: Final = 20
"""From so many times the least value on, bounds grow by factors."""
SMALLEST: Final = 1e-200
LARGEST: Final = 1e200
"""Values beyond these share one bar."""
FINEST: Final = 250
_STEPS: Final[tuple[int, ...]] = (1, 2, 5)


class Spread(Struct, frozen=True):
    """Values summed up; integers stay integers."""

    count: int
    total: float
    least: float
    p50: float
    p90: float
    p99: float
    most: float

    @property
    def mean(self) -> float:
        """The average."""
        return self.total / self.count


class Bar(NamedTuple):
    """How many values lie from a bound up to, but without, the next one."""

    since: float
    until: float
    values: int


def spread(values: Iterable[float]) -> Spread | None:
    """Return the values' spread; None of no values."""
    ordered = sorted(values)
    if not ordered:
        return None
    p50, p90, p99 = (percentile(ordered, percent) for percent in (50, 90, 99))
    return Spread(len(ordered), sum(ordered), ordered[0], p50, p90, p99, ordered[-1])


def percentile(ordered: Sequence[float], percent: int) -> float:
    """Return the smallest of sorted values that at least so many percent of all do not exceed."""
    return ordered[max(0, (len(ordered) * percent + 99) // 100 - 1)]


def histogram(values: Iterable[float], most: int = MOST_BARS) -> tuple[Bar, ...]:
    """Return bars that hold each value once, between round bounds.

    Bounds are 1, 2, 5, 10, 20 ... where the values reach far, else they stand at equal distances.
    """
    ordered = sorted(values)
    if not ordered:
        return ()
    bounds = _bounds(ordered, most)
    counts = [0] * (len(bounds) - 1)
    for value in ordered:
        counts[bisect_right(bounds, value) - 1] += 1
    return tuple(
        Bar(since, until, number)
        for (since, until), number in zip(pairwise(bounds), counts, strict=True)
    )


def _bounds(ordered: Sequence[float], most: int) -> list[float]:
    """Return rising bounds, the first at most the least value, the last above the largest."""
    least, largest = ordered[0], ordered[-1]
    above_zero = next((value for value in ordered if value > 0), 1)
    width = largest - least or abs(largest) or 1
    if not (min(width, above_zero) > SMALLEST and max(width, abs(largest)) < LARGEST):
        return [least, nextafter(largest, inf)]
    if least >= 0 and above_zero and largest / above_zero >= WIDE:
        grown = _growing(above_zero, largest, most - 1)
        return [0, *grown] if least == 0 else grown
    return _even(least, largest, most)


def _growing(least: float, largest: float, most: int) -> list[float]:
    """Return 1, 2, 5, 10 ... where so many bounds suffice, else powers of ten."""
    powers = (((1,), power) for power in count(1))
    for steps, power in chain([(_STEPS, 1)], powers):
        first = floor(log10(least) / power) * power
        bounds: list[float] = []
        for exponent in count(first, power):
            bounds += [_scaled(step, exponent) for step in steps]
            if bounds[-1] > largest:
                break
        while len(bounds) > 2 and bounds[-2] > largest:
            bounds.pop()
        while len(bounds) > 2 and bounds[1] <= least:
            bounds.pop(0)
        if bounds[0] > least:  # a logarithm that was rounded up
            bounds.insert(0, _scaled(1, first - power))
        if len(bounds) <= most + 1:
            return bounds
    raise AssertionError("powers of ten without end")


def _even(least: float, largest: float, most: int) -> list[float]:
    """Return bounds at equal round distances; those of whole numbers are whole."""
    width = largest - least or abs(largest) or 1
    is_whole = isinstance(least, int) and isinstance(largest, int)
    exponent = max(floor(log10(width / most)), 0 if is_whole else -FINEST)
    steps = (_scaled(step, exponent + more) for more in count() for step in _STEPS)
    for step in steps:
        first, last = floor(least / step), floor(largest / step) + 1
        # A quotient may be rounded to the next whole number.
        first, last = first - (first * step > least), last + (last * step <= largest)
        if last - first <= most:
            return [number * step for number in range(first, last + 1)]
    raise AssertionError("steps without end")


def _scaled(step: int, exponent: int) -> float:
    """Return a round number, whole where it can be."""
    power: int = 10 ** abs(exponent)
    return step * power if exponent >= 0 else step / power
