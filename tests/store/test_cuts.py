"""Long ranges in parts: nothing is left out, nothing is in two of them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokwatch.model.calendar import Calendar
from tokwatch.model.units import DAY_MS, HOUR_MS, OPEN_END_MS, QUARTER_MS
from tokwatch.model.usage import Slice
from tokwatch.store.cuts import DAYS_AT_ONCE, by_weeks, by_width

MARCH_MS = 1_772_323_200_000
SUMMER = Calendar("Europe/Berlin", ((0, HOUR_MS), (MARCH_MS + 28 * DAY_MS + HOUR_MS, 2 * HOUR_MS)))
ODD = Calendar("odd", ((0, QUARTER_MS // 3),))
"""Its days begin within a quarter of an hour, which is not divided."""

ranges = st.builds(
    lambda since, length: Slice(MARCH_MS + since, MARCH_MS + since + length),
    st.integers(-400 * DAY_MS, 400 * DAY_MS),
    st.integers(1, 200 * DAY_MS),
)


def joined(parts: list[Slice]) -> Slice:
    assert all(one.until_ms == other.since_ms for one, other in pairwise(parts))
    assert all(part.since_ms < part.until_ms for part in parts)
    return Slice(parts[0].since_ms, parts[-1].until_ms)


@given(ranges, st.integers(13, 200))
def test_widths_come_to_the_whole(part: Slice, hours: int) -> None:
    parts = by_width(part, hours * HOUR_MS)

    assert joined(parts) == part
    assert all(one.until_ms - one.since_ms <= hours * HOUR_MS for one in parts)
    assert all(one.since_ms % (hours * HOUR_MS) == 0 for one in parts[1:])


@given(ranges)
def test_weeks_come_to_the_whole_and_begin_with_the_same_days(part: Slice) -> None:
    parts = by_weeks(part, SUMMER)

    assert joined(parts) == part
    for one in parts[1:]:
        day = SUMMER.day(one.since_ms)
        assert SUMMER.begin_ms(day) == one.since_ms
        assert day % DAYS_AT_ONCE == 0
    assert all(one.until_ms - one.since_ms <= DAYS_AT_ONCE * DAY_MS + HOUR_MS for one in parts)


@given(ranges)
def test_no_quarter_of_an_hour_is_divided(part: Slice) -> None:
    assert by_weeks(part, ODD) == [part]


@pytest.mark.parametrize("part", [Slice(), Slice(0, MARCH_MS), Slice(MARCH_MS, OPEN_END_MS)])
def test_all_time_stays_whole(part: Slice) -> None:
    assert by_weeks(part, SUMMER) == by_width(part, HOUR_MS) == [part]


def test_a_range_of_very_many_parts_stays_whole() -> None:
    part = Slice(DAY_MS, MARCH_MS)

    assert by_weeks(part, SUMMER) == by_width(part, HOUR_MS) == [part]


def test_what_else_a_slice_asks_for_stays() -> None:
    part = Slice(MARCH_MS, MARCH_MS + 2 * HOUR_MS, sources=("codex",))

    assert {one.sources for one in by_width(part, HOUR_MS)} == {("codex",)}


def test_the_last_days_are_apart_too() -> None:
    day = 735 * DAYS_AT_ONCE
    part = Slice((day - 1) * DAY_MS, (day + 2 * DAYS_AT_ONCE) * DAY_MS + HOUR_MS)

    cuts = [one.since_ms // DAY_MS for one in by_weeks(part, Calendar())]

    assert cuts == [day - 1, day, day + DAYS_AT_ONCE, day + 2 * DAYS_AT_ONCE]
