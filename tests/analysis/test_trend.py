"""A range cut into stretches: each value in the one that its instant lies in."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokwatch.analysis.calendar import calendar_of
from tokwatch.analysis.ranges import range_of
from tokwatch.analysis.trend import (
    MOST,
    Cut,
    by_stretch,
    cut,
    cut_days,
    percentiles,
    shares,
    totals,
)
from tokwatch.model.calendar import Calendar
from tokwatch.model.snapshot import Span
from tokwatch.model.units import DAY_MS

NOON_MS = 1_774_267_200_000
BERLIN = calendar_of(
    ZoneInfo("Europe/Berlin"), "Europe/Berlin", NOON_MS - 400 * DAY_MS, NOON_MS + 40 * DAY_MS
)
POINTS = st.lists(st.tuples(st.integers(-5, 130), st.integers(0, 50)), max_size=60)


@pytest.mark.parametrize("span", list(Span))
def test_a_shown_range_is_cut_into_whole_buckets(span: Span) -> None:
    first_ms = NOON_MS - 300 * DAY_MS
    shown = range_of(span, NOON_MS, BERLIN, first_ms)

    found = cut(shown, BERLIN, NOON_MS + 1)

    assert found.starts[0] == shown.start_ms
    assert 1 < len(found.starts) <= MOST
    assert list(found.starts) == sorted(set(found.starts))
    if shown.is_by_day:
        assert all(BERLIN.begin_ms(BERLIN.day(start)) == start for start in found.starts)
    else:
        assert all((start - shown.start_ms) % shown.bucket_ms == 0 for start in found.starts)


def test_days_are_those_of_the_calendar_also_when_clocks_change() -> None:
    # In the night of 29 March 2026 clocks in Berlin go forward: that day has 23 hours.
    since_ms = NOON_MS
    found = cut_days(since_ms, since_ms + 10 * DAY_MS, BERLIN)

    assert found.starts[0] == since_ms
    assert [BERLIN.begin_ms(BERLIN.day(at)) for at in found.starts[1:]] == list(found.starts[1:])
    lengths = {later - one for one, later in zip(found.starts[1:], found.starts[2:], strict=False)}
    assert lengths == {DAY_MS, DAY_MS - 3_600_000}


def test_a_long_history_has_stretches_of_several_days() -> None:
    found = cut_days(NOON_MS - 365 * DAY_MS, NOON_MS, Calendar())

    assert MOST // 2 < len(found.starts) <= MOST


@given(POINTS)
def test_stretches_hold_what_lies_in_them(points: list[tuple[int, int]]) -> None:
    division = Cut((0, 10, 40, 100), 120)
    ends = (10, 40, 100, 120)

    found = by_stretch(points, division)

    slow = [
        sorted(value for at_ms, value in points if start <= at_ms < end)
        for start, end in zip(division.starts, ends, strict=True)
    ]
    assert found == slow
    assert totals(points, division) == tuple(map(sum, slow))
    assert percentiles(found, 50) == tuple(
        values[(len(values) + 1) // 2 - 1] if values else None for values in slow
    )


@given(POINTS, POINTS)
def test_a_ratio_is_of_sums_and_unknown_where_there_is_no_whole(
    parts: list[tuple[int, int]], wholes: list[tuple[int, int]]
) -> None:
    division = Cut((0, 60), 120)

    found = shares(totals(parts, division), totals(wholes, division))

    for value, (start, end) in zip(found, ((0, 60), (60, 120)), strict=True):
        part = sum(one for at_ms, one in parts if start <= at_ms < end)
        whole = sum(one for at_ms, one in wholes if start <= at_ms < end)
        assert value == (part / whole if whole else None)
