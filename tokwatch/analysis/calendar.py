"""Local days, weeks and months in any time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

from tokwatch.model.calendar import Calendar
from tokwatch.model.units import DAY_MS, QUARTER_MS

EPOCH_DAY = date(1970, 1, 1).toordinal()
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def calendar_of(zone: tzinfo, name: str, since_ms: int, until_ms: int) -> Calendar:
    """Return the calendar of a zone, right for the instants of a range."""
    steps = [(since_ms, _offset_ms(zone, since_ms))]
    at_ms = since_ms
    while at_ms < until_ms:
        # No zone changes its clocks and back again within a week.
        next_ms = min(at_ms + 7 * DAY_MS, until_ms)
        if _offset_ms(zone, next_ms) != steps[-1][1]:
            change_ms = _first_after(zone, at_ms, next_ms)
            steps.append((change_ms, _offset_ms(zone, change_ms)))
        at_ms = next_ms
    return Calendar(name, tuple(steps))


def _first_after(zone: tzinfo, low_ms: int, high_ms: int) -> int:
    """Return the first quarter of an hour whose offset is no longer that of `low_ms`."""
    before = _offset_ms(zone, low_ms)
    low, high = low_ms // QUARTER_MS, -(-high_ms // QUARTER_MS)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset_ms(zone, middle * QUARTER_MS) == before:
            low = middle
        else:
            high = middle
    return high * QUARTER_MS


def _offset_ms(zone: tzinfo, at_ms: int) -> int:
    offset = instant(at_ms).astimezone(zone).utcoffset() or timedelta()
    return offset // timedelta(milliseconds=1)


def instant(at_ms: int) -> datetime:
    """Return an aware UTC datetime, exact to the millisecond."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).replace(microsecond=at_ms % 1000 * 1000)


def epoch_ms(at: datetime) -> int:
    """Return an aware datetime as epoch milliseconds."""
    return (at - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)


def date_of(day: int) -> date:
    """Return the date of a day number."""
    return date.fromordinal(EPOCH_DAY + day)


def day_number(day: date) -> int:
    """Return days since 1970-01-01."""
    return day.toordinal() - EPOCH_DAY


def week_of(day: int, starts: str = "monday") -> int:
    """Return the first day of a day's week."""
    return day - (date_of(day).weekday() - WEEKDAYS.index(starts)) % 7


def month_of(day: int) -> int:
    """Return the first day of a day's month."""
    return day_number(date_of(day).replace(day=1))
