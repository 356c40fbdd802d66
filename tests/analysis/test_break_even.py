"""Compression against caching: the sums of the research note, and money of a call."""

from __future__ import annotations

import pytest

from tokwatch.analysis.break_even import (
    CacheRates,
    affordable,
    break_even,
    call_cost,
    is_warm,
    mixed_rate,
)

RATES = CacheRates(5_000_000_000, 6_250_000_000, 500_000_000)
"""$5 a million tokens, five-minute writes, reads at a tenth."""


@pytest.mark.parametrize(
    ("removed", "behind", "requests"),
    [(60_000, 60_000, 12), (10_000, 100_000, 115), (5_000, 2_000, 5)],
)
def test_it_pays_after_as_many_requests_as_the_formula_says(
    removed: int, behind: int, requests: int
) -> None:
    found = break_even(removed, behind, RATES)
    assert found.requests == requests
    assert (requests - 1) * found.saves < found.costs_now <= requests * found.saves


def test_a_prefix_written_for_an_hour_costs_more_to_write_anew() -> None:
    hourly = RATES._replace(write_hour=10_000_000_000)
    found = break_even(10_000, 10_000, hourly, is_hour=True)
    assert found.requests == 19
    assert found.costs_now == 10_000 * 9_500
    assert break_even(10_000, 10_000, hourly) == break_even(10_000, 10_000, RATES)
    assert break_even(1, 1, RATES, is_hour=True) == break_even(1, 1, RATES)


def test_a_cut_at_the_tail_costs_nothing() -> None:
    assert break_even(1000, 0, RATES).requests == 0
    assert break_even(1000, 50_000, CacheRates(5, 5, 5)).costs_now == 0


def test_the_loss_of_the_example_at_twenty_requests() -> None:
    found = break_even(10_000, 100_000, RATES)
    assert 20 * found.saves - found.costs_now == -95_000 * 5_000


def test_warm_is_as_long_as_the_cache_was_written_for() -> None:
    assert is_warm(0, 299_999, is_hour=False)
    assert not is_warm(0, 300_000, is_hour=False)
    assert is_warm(0, 3_599_999, is_hour=True)
    assert not is_warm(1_000, 0, is_hour=True)


def test_a_call_at_the_users_own_mix() -> None:
    mixed = mixed_rate(10_000, 90_000, 0, RATES)
    assert mixed == (10_000 * RATES.input + 90_000 * RATES.read) // 100_000
    found = call_cost(12_000, 8_000, RATES, mixed, 200)
    assert found.fresh_before == 60_000_000
    assert found.mixed_after == 8_000 * mixed // 1_000_000
    assert found.saved_a_day == round((found.mixed_before or 0) - (found.mixed_after or 0)) * 200
    assert call_cost(12_000, 8_000, RATES, None, 0).saved_a_day is None
    assert mixed_rate(0, 0, 0, RATES) is None
    hourly = RATES._replace(write_hour=10_000_000_000)
    assert mixed_rate(0, 0, 4, hourly, for_an_hour=2) == (6_250_000_000 + 10_000_000_000) // 2


def test_money_buys_tokens() -> None:
    assert affordable(5_000_000_000, RATES) == 1_000_000
