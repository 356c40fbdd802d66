"""Cuts a long range of time into parts, each of which a query reads in a short time."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from msgspec.structs import replace

from tokwatch.model.calendar import Calendar
from tokwatch.model.units import OPEN_END_MS, QUARTER_MS
from tokwatch.model.usage import Slice

DAYS_AT_ONCE: Final = 28
"""Days that are over are read so many at once."""
MOST_PARTS: Final = 400
"""A range of more parts stays whole: one instant of 1970 would make thousands."""


def by_weeks(part: Slice, calendar: Calendar) -> list[Slice]:
    """Return a range cut every four weeks, always at the same days.

    One without both ends stays whole.
    """
    if _is_open(part):
        return [part]
    first, last = calendar.day(part.since_ms), calendar.day(part.until_ms)
    cuts = [calendar.begin_ms(day) for day in multiples(first, last + 1, DAYS_AT_ONCE)]
    return _cut(part, (cut for cut in cuts if not cut % QUARTER_MS))


def by_width(part: Slice, width_ms: int) -> list[Slice]:
    """Return a range cut at the multiples of a width; one without both ends stays whole."""
    if _is_open(part):
        return [part]
    return _cut(part, multiples(part.since_ms, part.until_ms, width_ms))


def multiples(after: int, until: int, width: int) -> range:
    """Return the multiples of a width after a number and before another; none of very many."""
    found = range((after // width + 1) * width, until, width)
    return found if len(found) < MOST_PARTS else range(0)


def _is_open(part: Slice) -> bool:
    return part.since_ms <= 0 or part.until_ms >= OPEN_END_MS


def _cut(part: Slice, cuts: Iterable[int]) -> list[Slice]:
    inner = [cut for cut in cuts if part.since_ms < cut < part.until_ms]
    ends = pairwise([part.since_ms, *inner, part.until_ms])
    return [replace(part, since_ms=since_ms, until_ms=until_ms) for since_ms, until_ms in ends]
