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


def by_weeks(part: Slice, calendar: Calendar) -> list[Slice]:
    """Return a range cut every four weeks, always at the same days.

    One without both ends stays whole.
    """
    if _is_open(part):
        return [part]
    first, last = (calendar.day(at_ms) // DAYS_AT_ONCE for at_ms in (part.since_ms, part.until_ms))
    cuts = [calendar.begin_ms(number * DAYS_AT_ONCE) for number in range(first + 1, last + 1)]
    return _cut(part, (cut for cut in cuts if not cut % QUARTER_MS))


def by_width(part: Slice, width_ms: int) -> list[Slice]:
    """Return a range cut at the multiples of a width; one without both ends stays whole."""
    if _is_open(part):
        return [part]
    return _cut(part, range(part.since_ms // width_ms * width_ms, part.until_ms, width_ms))


def _is_open(part: Slice) -> bool:
    return part.since_ms <= 0 or part.until_ms >= OPEN_END_MS


def _cut(part: Slice, cuts: Iterable[int]) -> list[Slice]:
    inner = [cut for cut in cuts if part.since_ms < cut < part.until_ms]
    ends = pairwise([part.since_ms, *inner, part.until_ms])
    return [replace(part, since_ms=since_ms, until_ms=until_ms) for since_ms, until_ms in ends]
