"""Values over time: a range cut into stretches, and what each of them came to."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Final

from msgspec import Struct

from tokwatch.analysis.distribution import percentile
from tokwatch.analysis.ranges import Range
from tokwatch.model.calendar import Calendar

MOST: Final = 60
"""Stretches that a range is cut into at most."""

Trend = tuple[float | None, ...]
"""A value for each stretch, the oldest first; None where nothing is known."""
_AT: Final = itemgetter(0)


class Cut(Struct, frozen=True):
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
    return [sorted(values) for values in _in_stretches(points, division)]


def percentiles(stretches: Iterable[Sequence[float]], percent: int) -> Trend:
    """Return a percentile of each stretch."""
    return tuple(percentile(values, percent) if values else None for values in stretches)


def shares(parts: Iterable[float], wholes: Iterable[float]) -> Trend:
    """Return a part of the whole of each stretch; None where that is nothing."""
    return tuple(part / whole if whole else None for part, whole in zip(parts, wholes, strict=True))


def totals(points: Iterable[tuple[int, float]], division: Cut) -> tuple[float, ...]:
    """Return the sum of each stretch."""
    return tuple(sum(values) for values in _in_stretches(points, division))


def _in_stretches(points: Iterable[tuple[int, float]], division: Cut) -> Iterator[list[float]]:
    """Yield the values of each stretch; most points come in the order of time, sorted or not."""
    ordered = sorted(points, key=_AT)
    borders = [bisect_left(ordered, at_ms, key=_AT) for at_ms in division.starts]
    until = bisect_left(ordered, division.until_ms, key=_AT)
    for first, after in pairwise((*borders, until)):
        yield [value for _, value in ordered[first : min(after, until)]]
