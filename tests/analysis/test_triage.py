"""The comparison of two stretches: what is blamed, where, and that all parts agree."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tokwatch.analysis.attribution import DIMENSIONS
from tokwatch.analysis.baseline import Stretch
from tokwatch.analysis.triage import Triage, TriageFacts, triage
from tokwatch.model.units import QUARTER_MS
from tokwatch.model.usage import Cell, Dimension, Rates, Usage

MARCH_MS = 1_774_224_000_000
SHOWN = Stretch(MARCH_MS, MARCH_MS + 2 * QUARTER_MS)
BEFORE = Stretch(MARCH_MS - 6 * QUARTER_MS, MARCH_MS)
THIRD = Fraction(1, 3)
RATES = (Rates("opus", 0, 2**62, 5_000_000, 500_000, 6_250_000, 10_000_000, 25_000_000, 0),)


def cell(nano: int, session: str = "s", model: str = "opus", **counts: int) -> Cell:
    """Return a cell of a session and model; the other dimensions are the same for all."""
    values = {Dimension.SESSION: session, Dimension.MODEL: model}
    plain = {Dimension.PROJECT: "/shop", Dimension.KIND: "main", Dimension.SOURCE: "claude-code"}
    group = tuple({**plain, **values}.get(dimension, "") for dimension in DIMENSIONS)
    return Cell(group, replace(Usage(requests=10, auto_nano=nano), **counts))


def compared(after: Sequence[Cell], before: Sequence[Cell], scale: Fraction = THIRD) -> Triage:
    return triage(TriageFacts(SHOWN, BEFORE, scale, after, before, RATES))


cells = st.lists(
    st.builds(
        lambda nano, session, model, requests, counts: cell(
            nano, session, model, requests=requests, input=counts[0], cache_read=counts[1],
            cache_write_5m=counts[2], output=counts[3],
        ),
        st.integers(0, 10**12),
        st.sampled_from("abc"),
        st.sampled_from(["opus", "haiku"]),
        st.integers(0, 1000),
        st.tuples(*[st.integers(0, 10**9)] * 4),
    ),
    max_size=6,
)  # fmt: skip
scales = st.fractions(Fraction(1, 500), 500, max_denominator=1_000)


@given(cells, cells, scales)
def test_bridge_attribution_and_verdict_tell_the_same_difference(
    after: list[Cell], before: list[Cell], scale: Fraction
) -> None:
    found = compared(after, before, scale)
    cost = sum(one.usage.auto_nano for one in after)
    expected = round(sum(one.usage.auto_nano for one in before) * scale)

    assert (found.verdict.nano, found.verdict.expected_nano) == (cost, expected)
    assert found.bridge.residual_nano == 0
    assert expected + sum(step.nano for step in found.bridge.steps) == cost
    for dimension in {one.dimension for one in found.contributions}:
        parts = found.of(dimension)
        assert sum(one.difference_nano for one in parts) == cost - expected


@given(cells, cells, scales)
def test_what_is_narrowed_to_adds_up_to_its_contribution(
    after: list[Cell], before: list[Cell], scale: Fraction
) -> None:
    facts = TriageFacts(SHOWN, BEFORE, scale, after, before, RATES)
    for one in triage(facts).of(Dimension.SESSION):
        inside = triage(replace(facts, trail=((Dimension.SESSION, one.value),)))
        assert inside.verdict.nano == one.nano
        assert abs(inside.verdict.expected_nano - one.baseline_nano) <= 1
        assert Dimension.SESSION not in {each.dimension for each in inside.leading}


def test_cache_misses_of_one_session_are_blamed_on_both() -> None:
    calm = cell(3 * 1_800_000_000, "calm", requests=90, input=900, cache_read=9_000_000,
                cache_write_5m=90_000, output=9_000)  # fmt: skip
    after = [
        cell(1_800_000_000, "calm", requests=30, input=300, cache_read=3_000_000,
             cache_write_5m=30_000, output=3_000),
        cell(9_500_000_000, "sick", requests=10, input=100, cache_read=0,
             cache_write_5m=1_500_000, output=1_000),
    ]  # fmt: skip

    verdict = compared(after, [calm]).verdict

    assert verdict.cause is not None
    assert verdict.cause.cause == "cache mix"
    assert verdict.driver is not None
    assert (verdict.driver.dimension, verdict.driver.value) == (Dimension.SESSION, "sick")
    assert verdict.driver.share == 1.0
    assert verdict.times == 11.3 / 1.8
    assert verdict.requests == pytest.approx((40 - 30) / 30)
    assert not verdict.is_as_expected


def test_the_most_particular_value_that_makes_most_is_named() -> None:
    after = [cell(60, "a"), cell(50, "b"), cell(40, "c", "haiku")]
    driver = compared(after, []).verdict.driver

    assert driver is not None
    assert (driver.dimension, driver.value) == (Dimension.MODEL, "opus")


def test_what_everything_has_in_common_is_not_where_it_arose() -> None:
    assert compared([cell(60, "a"), cell(50, "b"), cell(40, "c")], []).verdict.driver is None
    only = compared([cell(60, "a")], []).verdict.driver
    assert only is not None
    assert only.value == "a"


def test_a_fall_is_blamed_on_what_fell() -> None:
    before = [cell(900, "gone", input=900), cell(300, "same", input=300)]
    verdict = compared([cell(100, "same", input=100)], before).verdict

    assert verdict.difference_nano == -300
    assert verdict.cause is not None
    assert verdict.cause.nano < 0
    assert verdict.driver is not None
    assert verdict.driver.value == "gone"


def test_what_costs_about_the_same_is_as_expected() -> None:
    assert compared([cell(109)], [cell(300)]).verdict.is_as_expected
    assert not compared([cell(111)], [cell(300)]).verdict.is_as_expected
    assert compared([], []).verdict.is_as_expected


def test_nothing_before_has_no_changes_in_percent() -> None:
    verdict = compared([cell(5, input=5)], []).verdict

    assert verdict.times is None
    assert (verdict.requests, verdict.tokens_a_request, verdict.price_a_token) == (None, None, None)
    assert verdict.volume_share == 1.0


def test_the_list_prices_are_those_at_the_begin() -> None:
    old = RATES[0]._replace(until_ms=MARCH_MS - 1, output=1)
    new = RATES[0]._replace(since_ms=MARCH_MS - 1)
    later = RATES[0]._replace(since_ms=MARCH_MS + 1, output=2)
    after = [cell(1_000_000, input=100, output=100)]
    before = [cell(3_000_000, input=500, output=100)]

    def told(rates: tuple[Rates, ...]) -> Triage:
        return triage(TriageFacts(SHOWN, BEFORE, THIRD, after, before, rates))

    assert told((old, new, later)) == told((new,)) != told((later,))


def test_the_leading_ones_are_the_first_of_each_dimension() -> None:
    found = compared([cell(60, "a"), cell(50, "b", "haiku")], [])

    assert [(one.dimension, one.value) for one in found.leading] == [
        (Dimension.SESSION, "a"),
        (Dimension.PROJECT, "/shop"),
        (Dimension.MODEL, "opus"),
        (Dimension.KIND, "main"),
        (Dimension.SOURCE, "claude-code"),
    ]
