"""Local days in zones with every habit that zones have."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokwatch.analysis.calendar import (
    calendar_of,
    date_of,
    day_number,
    epoch_ms,
    instant,
    month_of,
    week_of,
)
from tokwatch.model.calendar import Calendar
from tokwatch.model.units import DAY_MS

ZONES = (
    *("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"),
    *("America/Sao_Paulo", "Africa/Casablanca", "Pacific/Apia", "America/St_Johns"),
)
Begin = tuple[int, int, int, int] | tuple[int, int, int, int, int]
FIRST_MS = epoch_ms(datetime(2010, 1, 1, tzinfo=UTC))
LAST_MS = epoch_ms(datetime(2027, 1, 1, tzinfo=UTC))
CALENDARS = {
    name: calendar_of(ZoneInfo(name), name, FIRST_MS - DAY_MS, LAST_MS + DAY_MS) for name in ZONES
}


def ms(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    """Return a UTC time as epoch milliseconds."""
    return epoch_ms(datetime(year, month, day, hour, minute, tzinfo=UTC))


@given(st.sampled_from(ZONES), st.integers(FIRST_MS, LAST_MS))
def test_a_calendar_knows_the_day_of_every_instant(name: str, at_ms: int) -> None:
    local = instant(at_ms).astimezone(ZoneInfo(name))
    assert date_of(CALENDARS[name].day(at_ms)) == local.date()


@given(st.sampled_from(ZONES), st.integers(FIRST_MS, LAST_MS))
def test_a_day_begins_at_its_first_instant(name: str, at_ms: int) -> None:
    calendar = CALENDARS[name]
    day = calendar.day(at_ms)
    begin = calendar.begin_ms(day)
    assert begin <= at_ms
    assert calendar.day(begin) == day
    assert calendar.day(begin - 1) < day


@pytest.mark.parametrize(
    ("zone", "day", "begin"),
    [
        ("Europe/Berlin", date(2026, 3, 29), (2026, 3, 28, 23)),
        ("Europe/Berlin", date(2026, 3, 30), (2026, 3, 29, 22)),
        ("America/Sao_Paulo", date(2018, 11, 4), (2018, 11, 4, 3)),
        ("Asia/Kathmandu", date(2026, 1, 1), (2025, 12, 31, 18, 15)),
        ("Pacific/Apia", date(2011, 12, 30), (2011, 12, 30, 10)),
        ("Pacific/Apia", date(2011, 12, 31), (2011, 12, 30, 10)),
    ],
)
def test_days_begin_where_clocks_say(zone: str, day: date, begin: Begin) -> None:
    assert CALENDARS[zone].begin_ms(day_number(day)) == ms(*begin)


def test_clock_changes_fall_on_the_right_instant() -> None:
    berlin = CALENDARS["Europe/Berlin"]
    change = ms(2026, 3, 29, 1)
    assert berlin.offset_ms(change - 1) == 3_600_000
    assert berlin.offset_ms(change) == 7_200_000


def test_weeks_begin_on_the_weekday_asked_for() -> None:
    friday = day_number(date(2026, 11, 20))
    assert date_of(week_of(friday)) == date(2026, 11, 16)
    assert date_of(week_of(friday, "sunday")) == date(2026, 11, 15)
    assert date_of(week_of(friday, "friday")) == date(2026, 11, 20)
    assert date_of(week_of(friday, "saturday")) == date(2026, 11, 14)


def test_months_begin_on_their_first() -> None:
    assert date_of(month_of(day_number(date(2024, 2, 29)))) == date(2024, 2, 1)


def test_instants_keep_their_milliseconds() -> None:
    assert instant(1_234).microsecond == 234_000
    assert epoch_ms(instant(1_790_000_000_123)) == 1_790_000_000_123


def test_a_calendar_of_one_offset_needs_no_zone() -> None:
    assert Calendar("fixed", ((0, -3_600_000),)).day(ms(2026, 1, 1)) == day_number(
        date(2025, 12, 31)
    )
