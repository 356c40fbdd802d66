"""What-if: every sum against each request priced by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from tokwatch.analysis.what_if import (
    BATCH,
    Candidate,
    Offer,
    OfferOf,
    Way,
    WhatIf,
    edges_of,
    what_if,
)
from tokwatch.model.card import ANY_TOKENS, FOREVER_MS, RateCard
from tokwatch.model.event import ModelName
from tokwatch.model.repricing import Bulk, gathered

MILLION = 1_000_000
CHANGE_MS = 1_760_000_000_000
OPUS, HAIKU = ModelName("anthropic", "opus"), ModelName("anthropic", "haiku")
ODD = ModelName("local", "odd")
UNKNOWN = ModelName("", "unknown")


def card(
    *dollars: float,
    since: int = 0,
    until: int = FOREVER_MS,
    above: int = -1,
    upto: int = ANY_TOKENS,
    web: int = 0,
) -> RateCard:
    """Return a card of dollars per million tokens."""
    rates = (round(amount * 10**9) for amount in dollars)
    return RateCard._make((since, until, above, upto, *rates, web, "a list"))


CARDS = {
    OPUS: (
        card(15, 1.5, 18.75, 30, 75, until=CHANGE_MS, web=10_000_000),
        card(5, 0.5, 6.25, 10, 25, since=CHANGE_MS, upto=200_000, web=10_000_000),
        card(10, 1, 12.5, 20, 37.5, since=CHANGE_MS, above=200_000, web=10_000_000),
    ),
    OPUS._replace(tier="fast"): (card(30, 3, 37.5, 60, 150),),
    OPUS._replace(tier=BATCH): (card(2.5, 0.25, 3.125, 5, 12.5),),
    HAIKU: (card(1, 0.1, 1.25, 2, 5),),
    ODD: (card(0.0375, 0.00375, 0.046875, 0.075, 0.15),),
}
WINDOWS = {OPUS: 1_000_000, HAIKU: 100_000}


def offer_of(model: ModelName) -> Offer:
    """Return what the tests' list says of a model: batch is known of opus alone."""
    cards = CARDS.get(model)
    if cards is not None:
        return Offer(cards, model.name, model.provider)
    plain = CARDS.get(model._replace(tier="standard"), ())
    told = f"No price of tier {model.tier} is known: standard rates."
    return Offer(plain, model.name if plain else "", model.provider, told, is_of_tier=False)


class Request(Struct, frozen=True):
    """One request, as it is priced."""

    model: ModelName
    at_ms: int
    counts: tuple[int, int, int, int, int]
    web: int = 0

    @property
    def prompt(self) -> int:
        """All tokens that were sent."""
        return sum(self.counts[:4])


REQUESTS = st.lists(
    st.builds(
        Request,
        st.sampled_from((OPUS, OPUS._replace(tier="fast"), HAIKU, ODD, UNKNOWN)),
        st.integers(CHANGE_MS - 1000, CHANGE_MS + 1000),
        st.tuples(*(st.integers(0, 120_000) for _ in range(5))),
        st.integers(0, 2),
    ),
    max_size=12,
)


def price(one: Request, offer: Offer, counts: tuple[int, ...] | None = None) -> int | None:
    """Price one request by itself, rounded half up, as the store does."""
    for found in offer.cards:
        is_in_time = found.since_ms <= one.at_ms < found.until_ms
        if is_in_time and found.above_tokens < one.prompt <= found.upto_tokens:
            rates = [rate // 1000 for rate in found[4:9]]
            pairs = zip(counts or one.counts, rates, strict=True)
            cost = sum(count * rate for count, rate in pairs)
            return (cost + 500) // 1000 + one.web * found.web_search
    return None


def bulk_of(one: Request, edges_ms: tuple[int, ...], sizes: tuple[int, ...]) -> Bulk:
    """Return a request as a bulk of one."""
    own = price(one, offer_of(one.model))
    tokens = one.prompt + one.counts[4]
    return Bulk(
        *(one.model, max((at for at in edges_ms if one.at_ms >= at), default=0)),
        *(max((size for size in sizes if one.prompt > size), default=-1), 1, *one.counts, one.web),
        *(own or 0, 0 if own is not None else tokens, own or 0, 0, one.prompt),
    )


def repriced(requests: list[Request], offers: OfferOf = offer_of) -> WhatIf:
    """Return requests repriced under every model of the list."""
    candidates = [Candidate(model, WINDOWS.get(model)) for model in (OPUS, HAIKU, ODD)]
    models = {*CARDS, *(one.model for one in requests)}
    edges = edges_of(map(offers, models), WINDOWS.values())
    bulks = [bulk_of(one, edges.instants_ms, edges.tokens) for one in requests]
    return what_if(gathered(bulks), candidates, offers)


def ways(one: Request) -> dict[Way, tuple[int, ...]]:
    """Return the tokens of a request by the way in which they are sent."""
    _, read, short, long, output = one.counts
    return {
        Way.CACHED: one.counts,
        Way.FRESH: (one.prompt, 0, 0, 0, output),
        Way.HOUR: (one.counts[0], read, 0, short + long, output),
    }


@given(REQUESTS)
def test_every_way_is_the_sum_of_requests_priced_one_by_one(requests: list[Request]) -> None:
    for row in repriced(requests).rows:
        model = row.candidate.model
        for way in (Way.CACHED, Way.FRESH, Way.HOUR):
            costs = []
            for one in requests:
                is_own = one.model._replace(tier="standard") == model
                offer = offer_of(one.model if is_own else model)
                costs.append(price(one, offer, ways(one)[way]))
            expected = sum(cost for cost in costs if cost is not None)
            found = row.nano[way]
            assert found is not None
            # Where rates are no whole nano-dollars a token, only its own cost tells how each
            # request was rounded; others are rounded once for each bulk.
            is_own_cost = way is Way.CACHED and {one.model for one in requests} <= {ODD}
            slack = 0 if model != ODD or is_own_cost else len(costs)
            assert abs(found - expected) <= slack, (model, way)


@given(REQUESTS)
def test_under_its_own_model_a_request_costs_what_it_did(requests: list[Request]) -> None:
    found = repriced(requests)
    for row in found.rows:
        for was in row.was:
            if was.model._replace(tier="standard") == row.candidate.model:
                assert was.nano == was.computed_nano


@given(REQUESTS)
def test_batch_is_told_only_where_a_list_has_it(requests: list[Request]) -> None:
    for row in repriced(requests).rows:
        if not requests or row.candidate.model == OPUS:
            offer = offer_of(row.candidate.model._replace(tier=BATCH))
            expected = sum(price(one, offer) or 0 for one in requests)
            assert row.nano[Way.BATCH] == expected
        else:
            assert row.nano[Way.BATCH] is None


@given(REQUESTS)
def test_what_does_not_fit_is_counted(requests: list[Request]) -> None:
    for row in repriced(requests).rows:
        window = WINDOWS.get(row.candidate.model)
        too_large = [one for one in requests if window is not None and one.prompt > window]
        assert row.too_large == len(too_large)


@given(REQUESTS)
def test_the_whole_tells_what_was_paid_and_what_lacks_a_price(requests: list[Request]) -> None:
    found = repriced(requests)
    own = [price(one, offer_of(one.model)) for one in requests]
    unknown = [one for one in requests if one.model == UNKNOWN]
    assert found.requests == len(requests)
    assert found.tokens == sum(sum(one.counts) for one in requests)
    assert found.computed_nano == found.nano == sum(cost or 0 for cost in own)
    assert found.missing == sum(sum(one.counts) for one in unknown)
    assert [name for name, _ in found.unpriced] == ["unknown"] * (found.missing > 0)
    assert found.largest == max((one.prompt for one in requests), default=0)


def test_the_cheapest_stands_first_and_what_has_no_price_last() -> None:
    one = Request(OPUS, CHANGE_MS, (1000, 0, 0, 0, 1000))
    edges = edges_of([offer_of(OPUS), offer_of(HAIKU)], ())
    bulks = [bulk_of(one, edges.instants_ms, edges.tokens)]
    candidates = [Candidate(model, None) for model in (UNKNOWN, OPUS, HAIKU)]
    rows = what_if(bulks, candidates, offer_of).rows
    assert [row.candidate.model.name for row in rows] == ["haiku", "opus", "unknown"]
    assert rows[-1].nano[Way.CACHED] is None
    assert rows[0].nano[Way.CACHED] == 6_000_000


def test_an_own_request_keeps_its_tier_and_others_have_the_standard_one() -> None:
    fast = OPUS._replace(tier="fast")
    found = repriced([Request(fast, CHANGE_MS, (1000, 0, 0, 0, 0))])
    costs = {row.candidate.model.name: row.nano[Way.CACHED] for row in found.rows}
    assert costs == {"opus": 30_000_000, "haiku": 1_000_000, "odd": 37_500}


@pytest.mark.parametrize(("prompt", "nano"), [(200_000, 1_000_000_000), (200_001, 2_000_010_000)])
def test_the_size_of_each_prompt_decides_its_rates(prompt: int, nano: int) -> None:
    found = repriced([Request(HAIKU, CHANGE_MS, (prompt, 0, 0, 0, 0))])
    assert {row.candidate.model.name: row.nano[Way.CACHED] for row in found.rows}["opus"] == nano


def test_the_date_of_each_request_decides_its_rates() -> None:
    before = Request(HAIKU, CHANGE_MS - 1, (1000, 0, 0, 0, 0))
    found = repriced([before, replace(before, at_ms=CHANGE_MS)])
    costs = {row.candidate.model.name: row.nano[Way.CACHED] for row in found.rows}
    assert costs["opus"] == 15_000_000 + 5_000_000


def test_edges_are_where_anything_changes() -> None:
    edges = edges_of([offer_of(OPUS), offer_of(HAIKU)], (100_000,))
    assert edges.instants_ms == (CHANGE_MS,)
    assert edges.tokens == (100_000, 200_000)


def test_rates_are_told_with_when_they_hold() -> None:
    early, small, large = offer_of(OPUS).rates
    assert (early.since_ms, early.until_ms, early.above, early.upto) == (
        *(None, CHANGE_MS, None, None),
    )
    assert (small.since_ms, small.upto, large.above) == (CHANGE_MS, 200_000, 200_000)
    assert large.tokens[0] == 10 * 10**9
