"""Contributions add up to the difference, dimension by dimension, to the nano-dollar."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from hypothesis import example, given
from hypothesis import strategies as st

from tokwatch.analysis.attribution import DIMENSIONS, attribution, scaled, within
from tokwatch.model.usage import Cell, CostMode, Dimension, Usage

AUTO = CostMode.AUTO
names = st.sampled_from(["", "a", "b", "c"])
groups = st.tuples(*[names] * len(DIMENSIONS))
cells = st.lists(
    st.builds(
        lambda group, nano, requests: Cell(group, Usage(requests, auto_nano=nano)),
        groups,
        st.integers(0, 10**13),
        st.integers(0, 100),
    ),
    max_size=8,
)
scales = st.fractions(Fraction(1, 1000), 1000, max_denominator=10_000)


def cell(nano: int, **values: str) -> Cell:
    """Return a cell of these values, the other dimensions untold."""
    group = tuple(values.get(str(dimension), "") for dimension in DIMENSIONS)
    return Cell(group, Usage(requests=1, auto_nano=nano))


@given(cells, cells, scales)
def test_each_dimension_adds_up_to_the_difference(
    after: list[Cell], before: list[Cell], scale: Fraction
) -> None:
    found = attribution(after, before, scale, AUTO)
    cost = sum(one.usage.auto_nano for one in after)
    expected = round(sum(one.usage.auto_nano for one in before) * scale)

    for place, dimension in enumerate(DIMENSIONS):
        own = [one for one in found if one.dimension is dimension]
        told = {str(one.group[place]) for one in [*after, *before]}
        assert {one.value for one in own} == (set() if told == {""} else told)
        if own:
            assert sum(one.nano for one in own) == cost
            assert sum(one.baseline_nano for one in own) == expected
            assert sum(one.difference_nano for one in own) == cost - expected
            assert sum(one.requests for one in own) == sum(one.usage.requests for one in after)


@given(cells, cells, scales)
def test_each_contribution_equals_a_plain_sum(
    after: list[Cell], before: list[Cell], scale: Fraction
) -> None:
    for one in attribution(after, before, scale, AUTO):
        place = DIMENSIONS.index(one.dimension)
        was = sum(each.usage.auto_nano for each in before if each.group[place] == one.value)
        cost = sum(each.usage.auto_nano for each in after if each.group[place] == one.value)
        assert one.nano == cost
        assert abs(one.baseline_nano - was * scale) <= 1


@given(st.lists(st.integers(-(10**15), 10**15), max_size=20), scales)
@example([1, 1, 1, -6], Fraction(1, 2))
def test_scaled_costs_add_up_to_the_scaled_sum(costs: list[int], scale: Fraction) -> None:
    found = scaled(costs, scale)

    for number in range(len(costs) + 1):
        assert sum(found[:number]) == round(sum(costs[:number]) * scale)
    assert all(abs(one - cost * scale) <= 1 for one, cost in zip(found, costs, strict=True))


def values(found: Sequence[object]) -> list[str]:
    return [getattr(one, "value") for one in found]  # noqa: B009 -- of any contribution


def test_what_moved_the_way_of_the_whole_comes_first() -> None:
    after = [cell(90, project="risen"), cell(10, project="fallen"), cell(20, project="same")]
    before = [cell(10, project="risen"), cell(30, project="fallen"), cell(20, project="same")]

    found = attribution(after, before, Fraction(1), AUTO)
    assert values(found) == ["risen", "same", "fallen"]
    assert [one.share for one in found] == [80 / 60, 0, -20 / 60]

    back = attribution(before, after, Fraction(1), AUTO)
    assert values(back) == ["risen", "same", "fallen"]
    assert back[0].share == 80 / 60


def test_without_a_difference_there_is_no_share() -> None:
    (one,) = attribution([cell(5, model="m")], [cell(5, model="m")], Fraction(1), AUTO)
    assert one.share is None


def test_the_cost_mode_decides_which_cost_counts() -> None:
    group = ("s",) * len(DIMENSIONS)
    both = Cell(group, Usage(1, logged_nano=3, computed_nano=5, auto_nano=3))

    for mode, nano in ((CostMode.CALCULATE, 5), (CostMode.DISPLAY, 3)):
        found = attribution([both], [], Fraction(1), mode)
        assert {one.nano for one in found} == {nano}


def test_narrowing_keeps_what_all_values_hold_for() -> None:
    kept = cell(1, model="m", session="s")
    others = [cell(2, model="m", session="t"), cell(3, model="n", session="s")]
    trail = ((Dimension.MODEL, "m"), (Dimension.SESSION, "s"))

    assert within([kept, *others], trail) == [kept]
    assert within([kept, *others], ()) == [kept, *others]
