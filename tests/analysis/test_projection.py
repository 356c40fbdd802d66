"""Projections: deciles of what followed before, against a slow search through the history."""

from __future__ import annotations

from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokwatch.analysis.projection import (
    ALIKE,
    FEWEST_DAYS,
    FEWEST_MOMENTS,
    FEWEST_RUNS,
    NOTHING,
    Band,
    band_of,
    coming_days,
    following,
)
from tokwatch.model.units import DAY_MS, QUARTER_MS

MIDNIGHT = 1_774_224_000_000
HOUR_MS = 4 * QUARTER_MS
DOLLAR = 1_000_000_000


def slowly(
    costs: dict[int, int], hour_nano: int, at_ms: int, until_ms: int
) -> tuple[float, float, float] | None:
    """Return the deciles of what followed each earlier hour like the last."""
    quarters = -(-(until_ms - at_ms) // QUARTER_MS)
    running, first = at_ms // QUARTER_MS * QUARTER_MS, min(costs, default=at_ms)
    found, days = [], set()
    at = first + HOUR_MS
    while at + quarters * QUARTER_MS <= running:
        hour = sum(costs.get(at - back * QUARTER_MS, 0) for back in range(1, 5))
        after = sum(costs.get(at + ahead * QUARTER_MS, 0) for ahead in range(quarters))
        if hour_nano / ALIKE <= hour <= hour_nano * ALIKE:
            scale = hour_nano * (until_ms - at_ms) / (quarters * QUARTER_MS)
            found.append(after / hour * scale)
            days.add(at // DAY_MS)
        at += QUARTER_MS
    if len(found) < FEWEST_MOMENTS or len(days) < FEWEST_DAYS:
        return None
    cuts = quantiles(found, n=10, method="inclusive")
    return cuts[0], cuts[4], cuts[-1]


@given(
    st.lists(st.integers(0, 8), min_size=200, max_size=500),
    st.integers(1, 40),
    st.integers(1, 20 * QUARTER_MS),
    st.integers(0, QUARTER_MS - 1),
)
def test_a_band_is_what_followed_hours_like_the_last(
    dimes: list[int], hour: int, rest_ms: int, into_ms: int
) -> None:
    costs = {
        MIDNIGHT + place * QUARTER_MS: count * DOLLAR // 10
        for place, count in enumerate(dimes)
        if count
    }
    at_ms = MIDNIGHT + len(dimes) * QUARTER_MS + into_ms
    hour_nano = hour * DOLLAR // 10
    found = following(sorted(costs.items()), hour_nano, at_ms, at_ms + rest_ms)
    expected = slowly(costs, hour_nano, at_ms, at_ms + rest_ms)
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert (found.low, found.middle, found.high) == pytest.approx(expected, abs=1)
        assert found.low <= found.middle <= found.high


def steady(days: int) -> list[tuple[int, int]]:
    """Return a dollar in every quarter of an hour of some days."""
    return [(MIDNIGHT + place * QUARTER_MS, DOLLAR) for place in range(days * 96)]


def test_a_steady_pace_goes_on() -> None:
    at_ms = MIDNIGHT + 5 * DAY_MS
    found = following(steady(5), 4 * DOLLAR, at_ms, at_ms + 2 * HOUR_MS)
    assert found == Band(8 * DOLLAR, 8 * DOLLAR, 8 * DOLLAR)
    assert found.after(DOLLAR).high == 9 * DOLLAR


def test_without_a_pace_or_a_history_nothing_is_told() -> None:
    at_ms = MIDNIGHT + 5 * DAY_MS
    assert following(steady(5), 0, at_ms, at_ms + HOUR_MS) is None
    assert following(steady(2), 4 * DOLLAR, MIDNIGHT + 2 * DAY_MS, at_ms) is None
    assert following([], DOLLAR, at_ms, at_ms + HOUR_MS) is None
    assert following(steady(5), 400 * DOLLAR, at_ms, at_ms + HOUR_MS) is None


def test_what_is_over_costs_nothing_more() -> None:
    assert following([], 0, MIDNIGHT, MIDNIGHT) == NOTHING
    assert coming_days([], 0) == NOTHING


def test_days_in_a_row_tell_what_as_many_cost() -> None:
    found = coming_days([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 2)
    assert found == band_of([3, 5, 7, 9, 11, 13, 15, 17, 19, 21])


def test_too_few_runs_of_days_tell_nothing() -> None:
    assert coming_days([5] * (FEWEST_RUNS + 1), 3) is None
    assert coming_days([5] * (FEWEST_RUNS + 2), 3) == Band(15, 15, 15)
