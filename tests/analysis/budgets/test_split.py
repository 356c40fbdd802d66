"""One total shared out: parts add up exactly, nobody gets less than its least."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokwatch.analysis.budgets.split import Share, split

PIPELINE = {
    "triage": 500,
    "data": 3_000,
    "optimization": 2_000,
    "action": 1_000,
    "reporting": 1_500,
}


def shares(wanted: dict[str, int | None], least: int = 200) -> list[Share]:
    """Return agents with their priorities."""
    return [
        Share(name, None if want is None else Fraction(want), least)
        for name, want in wanted.items()
    ]


@st.composite
def totals(draw: st.DrawFn) -> tuple[int, list[Share]]:
    """Return a total and agents whose minima it can pay."""
    number = draw(st.integers(1, 8))
    made = [
        Share(
            f"a{place}",
            draw(st.none() | st.fractions(0, 10_000, max_denominator=100)),
            draw(st.integers(0, 500)),
        )
        for place in range(number)
    ]
    least = sum(one.least for one in made)
    return draw(st.integers(least, least + 20_000)), made


@settings(max_examples=60)
@given(totals())
def test_the_parts_add_up_and_each_gets_its_least(found: tuple[int, list[Share]]) -> None:
    total, made = found

    parts = split(total, made)

    assert sum(parts.values()) == total
    assert all(parts[one.agent] >= one.least for one in made)


@settings(max_examples=25)
@given(totals())
def test_a_higher_priority_never_gets_less(found: tuple[int, list[Share]]) -> None:
    total, made = found
    named = [one._replace(least=0) for one in made if one.priority is not None]
    if not named:
        return

    parts = split(total, named)

    by_priority = sorted(named, key=lambda one: one.priority or 0)
    for low, high in pairwise(by_priority):
        assert parts[low.agent] <= parts[high.agent] + 1


def test_priorities_that_come_to_the_total_are_the_parts() -> None:
    assert split(8_000, shares(dict(PIPELINE))) == PIPELINE


def test_agents_without_a_priority_share_what_is_left() -> None:
    parts = split(8_001, shares({"data": 3_000, "a": None, "b": None}))

    assert parts == {"data": 3_000, "a": 2_501, "b": 2_500}


def test_priorities_above_the_total_are_scaled_and_the_others_get_their_least() -> None:
    parts = split(1_000, shares({"big": 3_000, "small": 1_000, "other": None}))

    assert parts == {"big": 600, "small": 200, "other": 200}


def test_a_small_part_is_lifted_at_the_cost_of_the_others() -> None:
    assert split(1_000, shares({"big": 990, "small": 10})) == {"big": 800, "small": 200}


def test_minima_above_the_total_are_refused() -> None:
    with pytest.raises(ValueError, match=r"minima come to 400, above the total of 399"):
        split(399, shares({"a": 1, "b": 1}))
