"""Values over time: a range cut into stretches, and what each of them came to."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tokwatch.analysis.distribution import percentile
from tokwatch.analysis.ranges import Range
from tokwatch.model.calendar import Calendar

MOST: Final = 60
"""Stretches that a range is cut into at most."""

Trend = tuple[float | None, ...]
"""A value for each stretch, the oldest first; None where nothing is known."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A range of time in stretches."""

    starts: tuple[int, ...]
    until_ms: int


def cut(shown: Range, calendar: Calendar, until_ms: int) -> Cut:
    """Return a shown range in at most so many stretches of whole buckets."""
    group = max(1, -(-shown.count // MOST))
    numbers = range(0, shown.count, group)
    if shown.is_by_day:
        starts = [calendar.begin_ms(shown.first_day + number * shown.days) for number in numbers]
    else:
        starts = [shown.start_ms + number * shown.bucket_ms for number in numbers]
    return Cut(tuple(starts), until_ms)


def cut_days(since_ms: int, until_ms: int, calendar: Calendar) -> Cut:
    """Return a range in at most so many stretches of whole local days; the first may be shorter."""
    first, last = calendar.day(since_ms), calendar.day(max(since_ms, until_ms - 1))
    group = -(-(last - first + 1) // MOST)
    days = range(first + group, last + 1, group)
    return Cut((since_ms, *map(calendar.begin_ms, days)), until_ms)


def by_stretch(points: Iterable[tuple[int, float]], division: Cut) -> list[list[float]]:
    """Return the values of each stretch, sorted."""
    found: list[list[float]] = [[] for _ in division.starts]
    starts, until_ms = division.starts, division.until_ms
    for at_ms, value in points:
        place = bisect_right(starts, at_ms)
        if place and at_ms < until_ms:
            found[place - 1].append(value)
    for values in found:
        values.sort()
    return found


def percentiles(stretches: Iterable[Sequence[float]], percent: int) -> Trend:
    """Return a percentile of each stretch."""
    return tuple(percentile(values, percent) if values else None for values in stretches)


def ratios(
    parts: Iterable[tuple[int, float]],
    wholes: Iterable[tuple[int, float]],
    division: Cut,
) -> Trend:
    """Return the sum of parts over the sum of wholes of each stretch."""
    above, below = totals(parts, division), totals(wholes, division)
    return tuple(part / whole if whole else None for part, whole in zip(above, below, strict=True))


def totals(points: Iterable[tuple[int, float]], division: Cut) -> tuple[float, ...]:
    """Return the sum of each stretch."""
    add: Callable[[Sequence[float]], float] = sum
    return tuple(map(add, by_stretch(points, division)))
