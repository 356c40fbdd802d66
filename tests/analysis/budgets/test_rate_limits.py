"""Sliding minutes and a limiter, against plain counting in small steps."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tokwatch.analysis.budgets.rate_limits import Rated, held_back, last_minute, peak_minute
from tokwatch.model.standing import Held
from tokwatch.model.units import MINUTE_MS

STEP_MS = 1_000
made = st.lists(
    st.tuples(st.integers(0, 300), st.integers(0, 120)).map(
        lambda one: Rated(one[0] * STEP_MS, one[1])
    ),
    max_size=25,
).map(sorted)


def brute_peak(requests: list[Rated]) -> int:
    """Return the fullest minute by looking at every request's own."""
    return max((last_minute(requests, one.at_ms) for one in requests), default=0)


def brute_held(requests: list[Rated], limit: int) -> Held:
    """Let each request wait second by second until its minute has room."""
    starts: list[Rated] = []
    waits: list[int] = []
    for one in requests:
        at_ms = max([one.at_ms, *(start.at_ms for start in starts[-1:])])
        while True:
            inside = sum(s.tokens for s in starts if at_ms - MINUTE_MS < s.at_ms <= at_ms)
            is_empty = not any(at_ms - MINUTE_MS < s.at_ms <= at_ms for s in starts)
            if inside + one.tokens <= limit or is_empty:
                break
            at_ms += STEP_MS
        starts.append(Rated(at_ms, one.tokens))
        waits.append(at_ms - one.at_ms)
    held = [wait for wait in waits if wait > 0]
    return Held(len(requests), len(held), sum(held), max(held, default=0))


@settings(max_examples=40)
@given(made)
def test_the_peak_is_that_of_the_fullest_minute(requests: list[Rated]) -> None:
    assert peak_minute(requests) == brute_peak(requests)


@settings(max_examples=40)
@given(made, st.integers(1, 300))
def test_the_limiter_holds_back_what_waiting_second_by_second_does(
    requests: list[Rated], limit: int
) -> None:
    assert held_back(requests, limit) == brute_held(requests, limit)


def test_the_minute_ends_at_the_moment_and_leaves_out_its_begin() -> None:
    requests = [Rated(0, 1), Rated(1, 10), Rated(MINUTE_MS, 100), Rated(MINUTE_MS + 1, 1_000)]

    assert last_minute(requests, MINUTE_MS) == 110


def test_below_the_limit_nothing_is_held_back() -> None:
    assert held_back([Rated(0, 50), Rated(1_000, 50)], 100) == Held(2, 0, 0, 0)
