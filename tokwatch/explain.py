"""Finds out where one number on the screen comes from: exactly those requests, and no others."""

from __future__ import annotations

from datetime import date
from typing import Final

from tokwatch.analysis.audit import Audit
from tokwatch.analysis.calendar import calendar_of, day_number
from tokwatch.analysis.ranges import range_of
from tokwatch.audit import read_audit
from tokwatch.config import Config
from tokwatch.evidence import Focus, Number, Shown
from tokwatch.model import DAY_MS, QUARTER_MS, Calendar, Slice
from tokwatch.snapshot import Span
from tokwatch.store.read import View, bounds, open_view
from tokwatch.store.store import open_existing
from tokwatch.zones import find_zone

MOST_EVENTS: Final = 500
"""Requests that are listed; the sums are of all."""
MINUTE_MS: Final = 60_000


def explain(config: Config, shown: Shown) -> Audit | None:
    """Return what a number on the screen rests on; None where there is no store yet."""
    database = open_existing(config.store.url, config.data)
    if database is None:
        return None
    try:
        view = open_view(database, config.general.workspace)
        focus = focus_of(view, shown, config.general.timezone)
        return None if focus is None else read_audit(view, focus, events=MOST_EVENTS)
    finally:
        database.close()


def focus_of(view: View, shown: Shown, timezone: str) -> Focus | None:
    """Return which requests a number is the sum of."""
    if shown.number is Number.AGENT:
        return Focus(Slice(sources=(shown.source,)), shown.session, shown.agent)
    if shown.number is Number.SOURCE:
        return Focus(Slice(sources=(shown.source,)))
    if shown.number is Number.BURN:
        since_ms = shown.at_ms - shown.minutes * MINUTE_MS + 1
        return Focus(Slice(since_ms, shown.at_ms + 1))
    ends = bounds(view)
    if ends is None:
        return None
    name, zone = find_zone(timezone)
    first_ms, last_ms = min(ends[0], shown.at_ms), max(ends[1], shown.at_ms)
    calendar = calendar_of(zone, name, first_ms - 40 * DAY_MS, last_ms + 3 * DAY_MS)
    if shown.number is Number.DAY:
        return Focus(_day(shown, calendar))
    if shown.span is Span.ALL and ends[1] <= shown.at_ms:
        return Focus()  # the same, and cheaper
    return Focus(_range(shown, calendar, ends[0]))


def _day(shown: Shown, calendar: Calendar) -> Slice:
    """Return the shown day up to the moment; the quarter of an hour that is running is in it."""
    day = day_number(date.fromisoformat(shown.day))
    end_ms = min(shown.at_ms, calendar.begin_ms(day + 1))
    return Slice(calendar.begin_ms(day), _after_quarter(end_ms - 1))


def _range(shown: Shown, calendar: Calendar, first_ms: int) -> Slice:
    """Return the range of the chart; wider buckets than a minute's are of whole quarters."""
    found = range_of(shown.span, shown.at_ms, calendar, first_ms)
    is_fine = found.bucket_ms % QUARTER_MS > 0
    return Slice(found.start_ms, shown.at_ms + 1 if is_fine else _after_quarter(shown.at_ms))


def _after_quarter(at_ms: int) -> int:
    """Return the end of the quarter of an hour that an instant is in."""
    return (at_ms // QUARTER_MS + 1) * QUARTER_MS
