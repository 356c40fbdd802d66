"""Running totals as growth: what no observer may count twice, or lose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokwatch.sources.growth import RunningTotals, growth, read_state, state_of, total

COUNTS = st.integers(0, 1000)


def looks(*totals: tuple[int | None, ...]) -> list[tuple[int, ...] | None]:
    """Return what each look in turn finds, the state kept as a cursor keeps it."""
    state = b""
    found: list[tuple[int, ...] | None] = []
    for parts in totals:
        running = RunningTotals(read_state(state).get("totals"))
        step = running.step("s", parts)
        found.append(None if step is None else step.growth)
        state = state_of(totals=running.entries)
    return found


def test_first_look_counts_the_whole_total_and_later_ones_its_growth() -> None:
    assert looks((10, 1), (10, 1), (25, 4)) == [(10, 1), None, (15, 3)]


def test_total_that_shrinks_begins_anew() -> None:
    assert looks((10, 5), (3, 6), (4, 6)) == [(10, 5), (3, 6), (1, 0)]
    assert growth((10, 5), (3, 6)) == (3, 6)
    assert growth((10, 5), (12, 5)) == (2, 0)
    assert growth(None, (12, 5)) == (12, 5)


def test_part_that_is_unknown_for_once_is_as_it_was() -> None:
    assert looks((10, 5), (12, None), (14, 6)) == [(10, 5), (2, 0), (2, 1)]


def test_sessions_do_not_mix() -> None:
    running = RunningTotals()
    running.step("one", (10,))
    step = running.step("two", (4,))

    assert step is not None
    assert step.growth == (4,)


@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=1), st.integers(0, 50))
def test_growth_adds_up_to_the_highest_of_each_run(
    increments: list[tuple[int, int]], resets: int
) -> None:
    """Sum of all growth is the total of all that was ever added, whatever shrinks between."""
    at, added, totals = (0, 0), (0, 0), []
    for place, (first, second) in enumerate(increments):
        if resets and place % (resets + 1) == resets and first < at[0]:
            at = (0, 0)
        at = (at[0] + first, at[1] + second)
        added = (added[0] + first, added[1] + second)
        totals.append(at)
    found = [step for step in looks(*totals) if step is not None]

    assert tuple(map(sum, zip(*found, strict=True)) if found else (0, 0)) == added


def costs(*totals: tuple[int, int | None]) -> list[int | None]:
    """Return what the cost grew by at each look that found growth."""
    running = RunningTotals()
    steps = [running.step("s", (tokens,), cost) for tokens, cost in totals]
    return [step.cost_nano for step in steps if step is not None]


def test_cost_grows_with_the_tokens_and_without_them() -> None:
    assert costs((10, 100), (20, 250), (20, 300)) == [100, 150, 50]


def test_cost_is_never_taken_back() -> None:
    """An estimate that is corrected downwards counts again beyond its highest."""
    assert costs((10, 100), (20, 80), (30, 130)) == [100, 0, 30]


def test_cost_that_turns_up_late_is_not_that_of_the_last_growth() -> None:
    assert costs((10, None), (20, 200), (30, 250)) == [None, None, 50]


def test_cost_begins_anew_with_the_tokens_unless_it_goes_on() -> None:
    assert costs((10, 100), (5, 40)) == [100, 40]
    assert costs((10, 100), (5, 140)) == [100, 40]


def test_a_total_that_is_told_apart_goes_on_from_what_was_counted() -> None:
    running = RunningTotals()
    running.step("all", (10, 4))
    handed = running.hand_over("all", "part", (7, 9))
    part, rest = running.step("part", (8, 9)), running.step("all", (5, 0))

    assert part is not None
    assert rest is not None
    assert (handed, part.growth, rest.growth) == ((7, 4), (1, 5), (2, 0))


def test_nothing_is_handed_over_twice_or_from_nowhere() -> None:
    running = RunningTotals()
    assert running.hand_over("none", "part", (7,)) is None
    running.step("all", (10,))
    assert running.hand_over("all", "part", (0,)) is None
    assert running.hand_over("all", "part", (7,)) == (7,)
    assert running.hand_over("all", "part", (3,)) is None

    assert running.entries == {"all": [None, 3], "part": [None, 7]}


@pytest.mark.parametrize(
    "state",
    [
        *(b"", b"{", b"[]", b"\xff", b'{"totals": 3}', b'{"totals": {"s": 3}}'),
        *(b'{"totals": {"s": [null]}}', b'{"totals": {"s": ["x", 1]}}'),
    ],
)
def test_state_that_is_no_state_is_none(state: bytes) -> None:
    step = RunningTotals(read_state(state).get("totals")).step("s", (7,))

    assert step is not None
    assert step.growth == (7,)


def test_total_is_a_sane_number_or_unknown() -> None:
    assert [total(value) for value in (0, 7, 7.9)] == [0, 7, 7]
    nonsense = (None, True, "7", -1, float("nan"), float("inf"), 2**40, [7])
    assert {total(value) for value in nonsense} == {None}
