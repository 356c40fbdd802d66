"""Percentiles by nearest rank, and histograms that hold each value once."""

from __future__ import annotations

from itertools import pairwise
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokwatch.analysis.distribution import MOST_BARS, histogram, percentile, spread

COUNTS = st.lists(st.integers(0, 10**13), min_size=1, max_size=60)
FLOATS = st.lists(
    st.floats(allow_nan=False, allow_infinity=False, width=64), min_size=1, max_size=40
)


def slow_percentile(values: list[int], percent: int) -> int:
    """Return by its definition: the smallest value that so many percent do not exceed."""
    return next(
        value
        for value in sorted(values)
        if sum(other <= value for other in values) * 100 >= percent * len(values)
    )


@given(COUNTS, st.integers(1, 100))
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(
    values: list[int], percent: int
) -> None:
    assert percentile(sorted(values), percent) == slow_percentile(values, percent)


@given(COUNTS)
def test_a_spread_tells_what_a_slow_reader_finds(values: list[int]) -> None:
    found = spread(values)

    assert found is not None
    assert (found.count, found.total) == (len(values), sum(values))
    assert (found.least, found.most) == (min(values), max(values))
    slow = [slow_percentile(values, percent) for percent in (50, 90, 99)]
    assert [found.p50, found.p90, found.p99] == slow
    assert found.mean == sum(values) / len(values)


def test_of_nothing_there_is_no_spread() -> None:
    assert spread([]) is None
    assert histogram([]) == ()


@given(st.one_of(COUNTS, FLOATS, st.lists(st.integers(-50, 50), min_size=1)))
def test_a_histogram_holds_each_value_once(values: list[float]) -> None:
    bars = histogram(values)

    assert len(bars) <= MOST_BARS
    assert sum(bar.values for bar in bars) == len(values)
    assert all(bar.since < bar.until for bar in bars)
    assert all(one.until == other.since for one, other in pairwise(bars))
    for bar in bars:
        inside = sum(bar.since <= value < bar.until for value in values)
        assert bar.values == inside or not isfinite(bar.until)


@pytest.mark.parametrize(
    ("values", "bounds"),
    [
        pytest.param([3, 40, 700], [2, 5, 10, 20, 50, 100, 200, 500, 1000], id="far"),
        pytest.param([0, 1, 90], [0, 1, 2, 5, 10, 20, 50, 100], id="from-nothing"),
        pytest.param([11, 12, 13], [11, 12, 13, 14], id="whole-numbers-near-each-other"),
        pytest.param([7], [7, 8], id="one"),
        pytest.param([1, 10**9], [10**exponent for exponent in range(11)], id="powers-of-ten"),
    ],
)
def test_bounds_are_round(values: list[float], bounds: list[float]) -> None:
    bars = histogram(values)

    assert [bar.since for bar in bars] + [bars[-1].until] == bounds
