"""Ranges of time and the chart drawn over them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from tests.analysis.made import HOUR_MS, MIDNIGHT, NOW, TODAY
from tokwatch.analysis.calendar import calendar_of, instant
from tokwatch.analysis.chart import chart
from tokwatch.analysis.ranges import Range, range_of
from tokwatch.model.calendar import Calendar
from tokwatch.model.snapshot import Series, Span
from tokwatch.model.units import DAY_MS


@pytest.mark.parametrize(
    ("span", "seconds", "count"),
    [
        (Span.HOUR, 60, 60),
        (Span.HOURS, 60, 240),
        (Span.DAY, 900, 96),
        (Span.WEEK, 3600, 168),
        (Span.MONTH, 86_400, 30),
    ],
)
def test_a_range_ends_with_the_bucket_of_the_moment(span: Span, seconds: int, count: int) -> None:
    at_ms = NOW + 17
    found = range_of(span, at_ms, Calendar(), 0)
    assert (found.bucket_ms, found.count) == (seconds * 1000, count)
    assert found.start_ms % found.bucket_ms == 0
    assert 0 <= at_ms - (found.start_ms + (count - 1) * found.bucket_ms) < found.bucket_ms


def test_all_time_begins_with_the_first_day() -> None:
    found = range_of(Span.ALL, NOW, Calendar(), MIDNIGHT - 3 * DAY_MS)
    assert (found.first_day, found.count, found.days) == (TODAY - 3, 4, 1)


def test_a_long_history_is_shown_by_the_week() -> None:
    found = range_of(Span.ALL, NOW, Calendar(), MIDNIGHT - 365 * DAY_MS)
    assert (found.days, found.count) == (7, 53)
    assert found.first_day + found.count * 7 > TODAY


def test_events_after_the_moment_do_not_reverse_all_time() -> None:
    assert range_of(Span.ALL, NOW, Calendar(), NOW + 9 * DAY_MS).count == 1


def test_days_begin_at_local_midnight() -> None:
    zone = ZoneInfo("Europe/Berlin")
    calendar = calendar_of(zone, "Europe/Berlin", NOW - 60 * DAY_MS, NOW + DAY_MS)
    found = range_of(Span.MONTH, NOW, calendar, 0)
    assert instant(found.start_ms).astimezone(zone).hour == 0


def test_costs_fall_into_their_buckets() -> None:
    shown = Range(MIDNIGHT, HOUR_MS, 3)
    costs = ((MIDNIGHT, "a", 1), (MIDNIGHT + HOUR_MS, "a", 2), (MIDNIGHT + HOUR_MS + 1, "a", 3))
    found = chart(costs, shown)
    assert found.series == (Series("a", (1, 5, 0)),)
    assert (found.start, found.bucket_seconds) == (instant(MIDNIGHT), 3600)


def test_what_lies_outside_is_left_out() -> None:
    shown = Range(MIDNIGHT, HOUR_MS, 1)
    assert chart(((MIDNIGHT - 1, "a", 1), (MIDNIGHT + HOUR_MS, "a", 1)), shown).series == ()


def test_days_fall_into_weeks() -> None:
    shown = Range(MIDNIGHT, 7 * DAY_MS, 2, TODAY)
    costs = ((TODAY, "a", 1), (TODAY + 6, "a", 2), (TODAY + 7, "a", 4))
    assert chart(costs, shown).series == (Series("a", (3, 4)),)


def test_five_models_are_named_and_of_more_the_four_dearest() -> None:
    shown = Range(MIDNIGHT, HOUR_MS, 1)
    five = tuple((MIDNIGHT, f"m{cost}", cost) for cost in (3, 1, 5, 2, 4))
    assert [one.name for one in chart(five, shown).series] == ["m5", "m4", "m3", "m2", "m1"]
    six = (*five, (MIDNIGHT, "m6", 6))
    assert chart(six, shown).series[3:] == (Series("m3", (3,)), Series("other", (3,)))


def test_a_model_that_cost_nothing_is_no_series() -> None:
    assert chart(((MIDNIGHT, "local", 0),), Range(MIDNIGHT, HOUR_MS, 1)).series == ()
