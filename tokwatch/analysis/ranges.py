"""The stretches of time that the screen shows, cut into buckets."""

from __future__ import annotations

from msgspec import Struct

from tokwatch.model.calendar import Calendar
from tokwatch.model.snapshot import Span
from tokwatch.model.units import DAY_MS, HOUR_MS, MINUTE_MS, QUARTER_MS

MOST_DAYS = 120
"""Days that are shown one by one; a longer history is shown by the week."""

_FIXED = {
    Span.HOUR: (60, MINUTE_MS),
    Span.HOURS: (240, MINUTE_MS),
    Span.DAY: (96, QUARTER_MS),
    Span.WEEK: (168, HOUR_MS),
}
"""How many buckets of which length."""


class Range(Struct, frozen=True):
    """A stretch of time: so many buckets, which are days or weeks where they are that long."""

    start_ms: int = 0
    bucket_ms: int = MINUTE_MS
    count: int = 0
    first_day: int = 0
    """The local day of the first bucket."""

    @property
    def is_by_day(self) -> bool:
        """Whether buckets follow the calendar's days, whatever their length."""
        return self.bucket_ms >= DAY_MS

    @property
    def days(self) -> int:
        """Days in a bucket."""
        return self.bucket_ms // DAY_MS


def range_of(span: Span, at_ms: int, calendar: Calendar, first_ms: int) -> Range:
    """Return the range that ends at a moment, its bucket included; `first_ms` begins all time."""
    if span in _FIXED:
        count, bucket_ms = _FIXED[span]
        start_ms = (at_ms // bucket_ms - count + 1) * bucket_ms
        return Range(start_ms, bucket_ms, count, calendar.day(start_ms))
    last = calendar.day(at_ms)
    first = last - 29
    if span is Span.ALL:
        first = min(calendar.day(first_ms), last)
    days = 1 if last - first < MOST_DAYS else 7
    count = (last - first) // days + 1
    return Range(calendar.begin_ms(first), days * DAY_MS, count, first)
