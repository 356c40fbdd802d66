"""Burn rates: moving averages against the definition, written out minute by minute."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokwatch.analysis.moving import (
    ACTIVE_MINUTES,
    LOOKBACK_MINUTES,
    TREND_MINUTES,
    BurnRates,
    burn_rates,
)
from tokwatch.model.facets import Spell
from tokwatch.model.units import MINUTE_MS

NOON = 1_774_267_200_000
DOLLAR = 1_000_000_000


def spell(age: int, nano: int, tokens: int = 0) -> Spell:
    """Return what a minute cost, so many before noon."""
    return Spell(NOON - age * MINUTE_MS, nano, tokens, 1)


def by_definition(spells: list[Spell], at_ms: int, half_life: int, *, active: bool) -> Fraction:
    """Return nano-dollars an hour: a weighted mean of the cost of minutes."""
    cost = dict.fromkeys(range(LOOKBACK_MINUTES), 0)
    used = set()
    for one in spells:
        age = (at_ms - one.at_ms) // MINUTE_MS
        used.add(age)
        if age in cost:
            cost[age] += one.nano
    order, spent, passed = 0, Fraction(0), Fraction(0)
    for age in range(LOOKBACK_MINUTES):
        if active and not any(back in used for back in range(age, age + ACTIVE_MINUTES)):
            continue
        weight = Fraction(2.0 ** (-order / half_life))
        length = Fraction(at_ms % MINUTE_MS + 1, MINUTE_MS) if age == 0 else Fraction(1)
        spent, passed, order = spent + weight * cost[age], passed + weight * length, order + 1
    return spent * 60 / passed if passed else Fraction(0)


@given(
    st.dictionaries(st.integers(0, LOOKBACK_MINUTES + 20), st.integers(1, 50 * DOLLAR)),
    st.integers(0, MINUTE_MS - 1),
)
def test_rates_are_weighted_means_of_minutes(costs: dict[int, int], into_ms: int) -> None:
    spells = [spell(age, nano) for age, nano in costs.items()]
    at_ms = NOON + into_ms
    found = burn_rates(spells, at_ms)

    assert found.short_nano == pytest.approx(by_definition(spells, at_ms, 5, active=False), abs=1)
    assert found.long_nano == pytest.approx(by_definition(spells, at_ms, 60, active=False), abs=1)
    if found.active_nano is None:
        assert found.active_minutes == 0
    else:
        expected = by_definition(spells, at_ms, 60, active=True)
        assert found.active_nano == pytest.approx(expected, abs=1)


def test_a_steady_pace_is_its_own_average() -> None:
    spells = [spell(age, DOLLAR, 100) for age in range(LOOKBACK_MINUTES)]
    found = burn_rates(spells, NOON + MINUTE_MS - 1)
    sixty = 60 * DOLLAR
    assert (found.short_nano, found.long_nano, found.active_nano) == (sixty, sixty, sixty)
    assert found.tokens_per_minute == 100
    assert found.active_minutes == LOOKBACK_MINUTES


def test_idle_time_lowers_the_rate_but_not_that_of_active_time() -> None:
    spells = [spell(age, DOLLAR) for age in range(60, 120)]
    found = burn_rates(spells, NOON)
    assert found.short_nano < DOLLAR // 10
    assert found.long_nano < 20 * DOLLAR
    assert found.active_nano is not None
    assert found.active_nano > 50 * DOLLAR


def test_half_a_life_later_a_burst_counts_half() -> None:
    burst = [spell(0, DOLLAR)]
    now = burn_rates(burst, NOON + MINUTE_MS - 1).long_nano
    later = burn_rates(burst, NOON + 61 * MINUTE_MS - 1).long_nano
    assert later == pytest.approx(now / 2, rel=0.001)


def test_a_request_makes_five_minutes_active() -> None:
    assert burn_rates([spell(30, 1)], NOON).active_minutes == ACTIVE_MINUTES
    assert burn_rates([spell(30, 1), spell(32, 1)], NOON).active_minutes == ACTIVE_MINUTES + 2


def test_the_trend_ends_with_the_last_minute_and_rises_with_it() -> None:
    found = burn_rates([spell(0, DOLLAR), spell(30, DOLLAR)], NOON)
    assert len(found.trend_nano) == TREND_MINUTES
    assert found.trend_nano[-1] > found.trend_nano[-2]
    assert found.trend_nano[-31] > found.trend_nano[-32] == 0


def test_nothing_spent_is_no_rate() -> None:
    assert burn_rates([], NOON) == BurnRates(trend_nano=(0,) * TREND_MINUTES)


def test_what_comes_later_and_what_is_too_old_does_not_count() -> None:
    late = [Spell(NOON + MINUTE_MS, DOLLAR, 0, 1), spell(LOOKBACK_MINUTES, DOLLAR)]
    assert burn_rates(late, NOON).long_nano == 0
