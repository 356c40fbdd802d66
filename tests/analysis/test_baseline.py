"""Which two stretches of time are compared, and how keys move them."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from tokwatch.analysis.baseline import (
    SIZES_MS,
    Against,
    Stretch,
    baseline_of,
    moved,
    resized,
    scale_of,
    stretch_of,
)
from tokwatch.analysis.calendar import calendar_of, epoch_ms
from tokwatch.model.calendar import Calendar
from tokwatch.model.units import DAY_MS, QUARTER_MS

MARCH_MS = 1_774_224_000_000
HOUR_MS = 4 * QUARTER_MS
HALF_HOUR = Stretch(MARCH_MS, MARCH_MS + HOUR_MS // 2)
UTC_DAYS = Calendar()


def test_a_stretch_holds_whole_quarters_of_an_hour() -> None:
    assert stretch_of(MARCH_MS + 1, MARCH_MS + QUARTER_MS + 1) == HALF_HOUR
    assert stretch_of(MARCH_MS, MARCH_MS + HOUR_MS // 2) == HALF_HOUR
    assert stretch_of(MARCH_MS + 5, MARCH_MS + 5).length_ms == QUARTER_MS


@pytest.mark.parametrize(
    ("against", "since_ms", "until_ms"),
    [
        (Against.BEFORE, MARCH_MS - 6 * QUARTER_MS, MARCH_MS),
        (Against.YESTERDAY, MARCH_MS - DAY_MS, MARCH_MS - DAY_MS + 2 * QUARTER_MS),
        (Against.WEEK, MARCH_MS - 7 * DAY_MS, MARCH_MS),
    ],
)
def test_baselines(against: Against, since_ms: int, until_ms: int) -> None:
    assert baseline_of(HALF_HOUR, against, UTC_DAYS) == Stretch(since_ms, until_ms)


def test_a_long_stretch_is_compared_with_one_as_long() -> None:
    week = Stretch(MARCH_MS, MARCH_MS + 7 * DAY_MS)

    assert baseline_of(week, Against.BEFORE, UTC_DAYS).length_ms == 7 * DAY_MS
    assert baseline_of(week, Against.YESTERDAY, UTC_DAYS) == baseline_of(
        week, Against.BEFORE, UTC_DAYS
    )


def test_yesterday_is_the_same_time_on_the_clock() -> None:
    zone = ZoneInfo("Europe/Berlin")
    noon = datetime(2026, 3, 29, 12, 0, tzinfo=zone)
    calendar = calendar_of(zone, "Europe/Berlin", MARCH_MS, MARCH_MS + 30 * DAY_MS)
    shown = Stretch(epoch_ms(noon), epoch_ms(noon) + HOUR_MS)

    found = baseline_of(shown, Against.YESTERDAY, calendar)

    assert found.since_ms == epoch_ms(datetime(2026, 3, 28, 11, 0, tzinfo=UTC))
    assert shown.since_ms - found.since_ms == DAY_MS - HOUR_MS


def test_a_baseline_is_scaled_to_what_has_passed() -> None:
    before = baseline_of(HALF_HOUR, Against.BEFORE, UTC_DAYS)

    assert scale_of(HALF_HOUR, before, HALF_HOUR.until_ms) == Fraction(1, 3)
    assert scale_of(HALF_HOUR, before, HALF_HOUR.until_ms + DAY_MS) == Fraction(1, 3)
    assert scale_of(HALF_HOUR, before, MARCH_MS + 10 * 60_000) == Fraction(10, 90)
    assert scale_of(HALF_HOUR, before, MARCH_MS + 9 * 60_000 + 1) == Fraction(10, 90)
    assert scale_of(HALF_HOUR, before, MARCH_MS) == Fraction(1, 90)


def test_keys_move_by_half_a_length_and_never_beyond_now() -> None:
    now_ms = HALF_HOUR.until_ms + QUARTER_MS + 5

    assert moved(HALF_HOUR, -1, now_ms) == Stretch(MARCH_MS - QUARTER_MS, MARCH_MS + QUARTER_MS)
    later = moved(HALF_HOUR, 1, now_ms)
    assert later == Stretch(MARCH_MS + QUARTER_MS, MARCH_MS + 3 * QUARTER_MS)
    latest = moved(later, 1, now_ms)
    assert latest.until_ms == MARCH_MS + 4 * QUARTER_MS
    assert moved(latest, 1, now_ms) == latest
    quarter = Stretch(MARCH_MS, MARCH_MS + QUARTER_MS)
    assert moved(quarter, -1, now_ms).since_ms == MARCH_MS - QUARTER_MS


def test_keys_change_the_length_and_keep_the_end() -> None:
    for size in SIZES_MS:
        shown = Stretch(MARCH_MS - size, MARCH_MS)
        longer, shorter = resized(shown, 1), resized(shown, -1)
        assert longer.until_ms == shorter.until_ms == MARCH_MS
        assert shorter.length_ms <= size <= longer.length_ms
        assert {longer.length_ms, shorter.length_ms} <= set(SIZES_MS)
    odd = Stretch(MARCH_MS - 5 * QUARTER_MS, MARCH_MS)
    assert resized(odd, -1).length_ms == HOUR_MS
    assert resized(odd, 1).length_ms == 2 * HOUR_MS
