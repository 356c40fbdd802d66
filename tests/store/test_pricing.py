"""Which rate card holds for an event: by its date, and by the size of one request's prompt."""

from __future__ import annotations

import pytest

from tests.store.facts import CHANGE_MS, LARGE, SMALL
from tokwatch.model.event import Grade
from tokwatch.store.connect import Database
from tokwatch.store.merge import Counted
from tokwatch.store.pricing import RateCards

LARGE_NANO, SMALL_NANO = LARGE[0] // 1000, SMALL[0] // 1000


def event(
    prompt: int, *, requests: int = 1, grade: Grade = Grade.RECORD, before: int = 0
) -> Counted:
    """Return an event of uncached input alone."""
    at_ms = CHANGE_MS - before
    return Counted(
        *(1, 1, at_ms, at_ms, 1, 1, requests, prompt, 0, 0, 0, 0, None, 0, None, None),
        *(grade.value, 1, 0, 0),
    )


@pytest.fixture
def cards(database: Database) -> RateCards:
    """Return the cards of a model that is dearer above 200,000 tokens, and was before a date."""
    columns = "workspace, model, since_ms, until_ms, above_tokens, upto_tokens, input"
    rest = "cache_read, cache_write_5m, cache_write_1h, output, web_search, source"
    for since, until, above, upto, rate in (
        (0, CHANGE_MS, -1, 2**62, LARGE_NANO),
        (CHANGE_MS, 2**62, -1, 200_000, SMALL_NANO),
        (CHANGE_MS, 2**62, 200_000, 2**62, LARGE_NANO),
    ):
        database.execute(
            f"INSERT INTO card ({columns}, {rest}) VALUES (1, 1, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, '')",
            (since, until, above, upto, rate),
        )
    return RateCards(database, 1)


def rate(cards: RateCards, found: Counted) -> int:
    """Return what a thousand tokens of an event cost."""
    cost = cards.cost(found)
    assert cost is not None
    assert found.input is not None
    return round(cost * 1000 / found.input)


def test_a_prompt_of_exactly_the_threshold_is_small(cards: RateCards) -> None:
    assert rate(cards, event(200_000)) == SMALL_NANO
    assert rate(cards, event(200_001)) == LARGE_NANO


def test_the_price_is_that_of_the_day(cards: RateCards) -> None:
    assert rate(cards, event(1000, before=1)) == LARGE_NANO
    assert rate(cards, event(1000)) == SMALL_NANO


def test_a_sum_of_requests_has_the_rates_of_its_mean_prompt(cards: RateCards) -> None:
    assert rate(cards, event(900_000, requests=9)) == SMALL_NANO
    assert rate(cards, event(900_000, requests=3)) == LARGE_NANO


def test_the_growth_of_a_total_is_no_large_prompt(cards: RateCards) -> None:
    assert rate(cards, event(5_000_000, grade=Grade.DERIVED)) == SMALL_NANO
