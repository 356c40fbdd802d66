"""The stretch of time that a budget is for, at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tokwatch.analysis.blocks import blocks
from tokwatch.analysis.calendar import date_of, day_number, month_of, week_of
from tokwatch.model.budget import Length
from tokwatch.model.calendar import Calendar
from tokwatch.model.stored import Moment
from tokwatch.model.units import HOUR_MS, MINUTE_MS, QUARTER_MS


class Window(NamedTuple):
    """A half-open stretch of time; None where only the work itself ends it."""

    start_ms: int
    end_ms: int | None


def calendar_window(per: Length, at_ms: int, calendar: Calendar, week_starts: str) -> Window:
    """Return the day, week or month of a moment."""
    day = calendar.day(at_ms)
    first, end = day, day + 1
    if per is Length.WEEK:
        first = week_of(day, week_starts)
        end = first + 7
    elif per is Length.MONTH:
        first = month_of(day)
        end = day_number(date_of(first + 31).replace(day=1))
    return Window(calendar.begin_ms(first), calendar.begin_ms(end))


def block_window(used_ms: Iterable[int], at_ms: int, hours: int) -> Window:
    """Return the block that runs, from the quarters of an hour that were used.

    Where none runs, it is the one that a request at the moment would begin.
    """
    found = blocks(
        (
            Moment(min(quarter_ms + QUARTER_MS - 1, at_ms), "", 0, 0, 0, 0, 0)
            for quarter_ms in sorted(used_ms)
            if quarter_ms <= at_ms
        ),
        hours,
    )
    if found and found[-1].is_active(at_ms):
        return Window(found[-1].start_ms, found[-1].end_ms)
    start_ms = at_ms // HOUR_MS * HOUR_MS
    return Window(start_ms, start_ms + hours * HOUR_MS)


def run_window(used_ms: Iterable[int], at_ms: int, pause_minutes: int) -> Window:
    """Return the run that goes on, from the minutes that were used; one that is over is shown."""
    start_ms = last_ms = None
    for minute_ms in sorted(used_ms):
        if minute_ms > at_ms:
            break
        if last_ms is None or minute_ms - last_ms > pause_minutes * MINUTE_MS:
            start_ms = minute_ms
        last_ms = minute_ms
    return Window(at_ms if start_ms is None else start_ms, None)
