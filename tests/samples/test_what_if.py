"""What-if on the real logs: each dollar equals requests priced one by one from the rate cards."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
from msgspec.structs import replace

from tests.pages.sights import sight_of
from tests.samples.plain import QUARTER_MS, Plain, moment, plain_rows, within
from tokwatch.analysis.what_if import Repriced, Way
from tokwatch.model.card import RateCard
from tokwatch.model.facets import Facet, Pick, Picks
from tokwatch.model.snapshot import Span
from tokwatch.pages.sight import Sight
from tokwatch.pages.what_if import WhatIfAsk, WhatIfPage
from tokwatch.prices.resolve import resolve, window
from tokwatch.prices.settings import PriceSettings
from tokwatch.store.connect import Database
from tokwatch.store.view import View

ROUNDED_NANO = 5
"""Each sum of requests of one period and size is rounded once, a few of them in a range."""


@pytest.fixture(scope="module")
def rows(samples: Database) -> list[Plain]:
    """Return all stored requests."""
    return plain_rows(samples)


def asked(sight: Sight, picks: Picks = ()) -> WhatIfPage:
    """Ask until the range is read as a whole."""
    ask = WhatIfAsk(picks)
    page = ask.answer(sight)
    while page.goes_on:
        page = ask.answer(sight)
    return page


def card_for(cards: Sequence[RateCard], one: Plain) -> RateCard | None:
    """Return the card of a request's date and size; of grown totals the size is not known."""
    size = 0 if one.grade == -1 else one.prompt // max(1, one.requests)
    fitting = [
        card
        for card in cards
        if card.since_ms <= one.at_ms < card.until_ms
        and card.above_tokens < size <= card.upto_tokens
    ]
    assert len(fitting) <= 1
    return fitting[0] if fitting else None


def millionths(card: RateCard, one: Plain, way: Way) -> int:
    """Return what a request would cost, in millionths of a nano-dollar: nothing is rounded."""
    fresh, read = one.fresh, one.cached
    short, long = one.write_5m or 0, one.write_1h or 0
    if way is Way.FRESH:
        fresh, read, short, long = one.prompt, 0, 0, 0
    if way is Way.HOUR:
        short, long = 0, short + long
    cost = fresh * card.input + read * card.cache_read + one.answered * card.output
    cost += short * card.cache_write_5m + long * card.cache_write_1h
    return cost + one.searches * card.web_search * 10**6


def by_hand(
    rows: list[Plain], row: Repriced, settings: PriceSettings
) -> dict[Way, Fraction | None]:
    """Return what requests would have cost each way; None where a price is not known."""
    model = row.candidate.model
    plain = resolve(model.provider, model.name, "standard", settings)
    batch = resolve(model.provider, model.name, "batch", settings)
    owns = {name: resolve(*name, settings) for name in {named(one) for one in rows}}
    sums = dict.fromkeys(Way, 0)
    unknown = {Way.BATCH} if "No price of tier batch" in batch.note else set()
    for one in rows:
        own = owns[named(one)]
        same = own.cards and (own.provider, own.priced_as) == (plain.provider, plain.priced_as)
        card = card_for(own.cards if same else plain.cards, one)
        waiting = card_for(batch.cards, one)
        for way in Way:
            priced = waiting if way is Way.BATCH else card
            if priced is None:
                unknown.add(way)
            else:
                sums[way] += millionths(priced, one, way)
    return {way: None if way in unknown else Fraction(sums[way], 10**6) for way in Way}


def named(one: Plain) -> tuple[str, str, str]:
    """Return the model of a request, as logged."""
    return one.provider, one.model, one.tier


def check(page: WhatIfPage, rows: list[Plain], settings: PriceSettings) -> int:
    """Hold every alternative against requests priced one by one; returns how many sums."""
    found = page.what_if
    assert found is not None
    assert page.pruned == 0
    assert found.requests == sum(one.requests for one in rows)
    assert found.tokens == sum(one.tokens for one in rows)
    assert found.nano == sum(one.nano for one in rows)
    assert found.computed_nano == sum(one.computed or 0 for one in rows)
    assert found.missing == sum(one.tokens for one in rows if one.computed is None)
    single = [one.prompt for one in rows if one.requests == 1 and one.grade != -1]
    assert found.largest == max(single, default=0)
    sums = 0
    for row in found.rows:
        for way, wanted in by_hand(rows, row, settings).items():
            told = row.nano[way]
            if wanted is None or told is None:
                assert wanted == told, (row.candidate.model, way)
                continue
            assert abs(told - wanted) <= ROUNDED_NANO, (row.candidate.model, way)
            sums += 1
        size = window(*row.candidate.model[:2], settings)
        assert row.candidate.window == size
        too_large = [one for one in rows if size is not None and one.grade != -1]
        too_large = [one for one in too_large if one.prompt // max(1, one.requests) > (size or 0)]
        assert row.too_large == sum(one.requests for one in too_large)
        for was in row.was:
            own = [one for one in rows if named(one) == was.model]
            assert was.requests == sum(one.requests for one in own)
            assert was.computed_nano == sum(one.computed or 0 for one in own)
        if row.nano[Way.CACHED] is not None:
            assert sum(was.nano for was in row.was) == row.nano[Way.CACHED]
    costs = [row.nano[Way.CACHED] for row in found.rows]
    known = [cost for cost in costs if cost is not None]
    assert costs == [*sorted(known), *[None] * (len(costs) - len(known))]
    return sums


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2026-07-14T07:21:17", Span.DAY),
        ("2026-06-18T08:00:00", Span.DAY),
        ("2026-02-06T23:59:59", Span.WEEK),
    ],
)
def test_a_range_under_every_model(view: View, rows: list[Plain], text: str, span: Span) -> None:
    at_ms = moment(text)
    sight = replace(sight_of(view, at_ms, span), now_ms=at_ms + 1)
    settings = PriceSettings.from_config(sight.config.prices, sight.config.data)
    bucket_ms, count = (3_600_000, 168) if span is Span.WEEK else (QUARTER_MS, 96)
    since_ms = (at_ms // bucket_ms - count + 1) * bucket_ms
    shown = within(rows, since_ms, at_ms + 1)
    assert check(asked(sight), shown, settings) > 100


def test_all_of_history_and_one_model(view: View, rows: list[Plain]) -> None:
    at_ms = moment("2026-07-31T00:00:00")
    sight = sight_of(view, at_ms, Span.ALL)
    settings = PriceSettings.from_config(sight.config.prices, sight.config.data)
    shown = within(rows, 0, at_ms + 1)
    page = asked(sight)
    assert page.what_if is not None
    assert page.what_if.nano == sum(one.nano for one in shown)
    assert page.read == page.requests == len(shown)
    for name in ("claude-sonnet-4-6", "glm-5.1", "mimo-v2.5-pro"):
        own = [one for one in shown if one.model == name]
        assert own
        check(asked(sight, (Pick(Facet.MODEL, name),)), own, settings)
