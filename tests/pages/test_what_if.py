"""What-if on a store: real price lists, each request against the price that it was stored with."""

from __future__ import annotations

import random

import pytest
from msgspec.structs import replace

from tests.pages.sights import sight_of
from tests.store.build import Made, build
from tokwatch.analysis.what_if import Way
from tokwatch.model.card import card_at, cost_nano
from tokwatch.model.facets import Facet, Pick, Picks, Portion
from tokwatch.model.snapshot import Span
from tokwatch.model.units import DAY_MS
from tokwatch.model.usage import Slice
from tokwatch.monitor.what_if import reprice
from tokwatch.pages import stretches
from tokwatch.pages.sight import Sight
from tokwatch.pages.what_if import WhatIfAsk, WhatIfPage
from tokwatch.prices.resolve import resolve
from tokwatch.prices.settings import PriceSettings
from tokwatch.store.connect import Database

MARCH_MS = 1_772_323_200_000
NOW_MS = MARCH_MS + 20 * DAY_MS
MODELS = (
    ("anthropic", "claude-opus-4-6"),
    ("anthropic", "claude-sonnet-4-5"),
    ("openai", "gpt-5.4"),
    ("", "nobody-knows-this"),
)


def stored(one: Made, model: tuple[str, str] | None = None) -> int | None:
    """Price a request by itself, as the ingest does."""
    provider, name = model or (one.provider, one.model)
    card = card_at(resolve(provider, name, one.tier).cards, one.at_ms, one.prompt)
    if card is None:
        return None
    return cost_nano(
        card,
        one.input or 0,
        one.cache_read or 0,
        one.cache_write_5m or 0,
        one.cache_write_1h or 0,
        one.output or 0,
        one.web_searches,
    )


def random_requests(count: int = 300) -> list[Made]:
    """Return requests of several models and sizes, priced as they would be stored."""
    dice = random.Random(9)
    made = []
    for _ in range(count):
        provider, model = dice.choice(MODELS)
        one = Made(
            at_ms=MARCH_MS + dice.randrange(20 * DAY_MS),
            provider=provider,
            model=model,
            session=dice.choice(("s1", "s2")),
            input=dice.randrange(300_000),
            cache_read=dice.choice((None, dice.randrange(200_000))),
            cache_write_5m=dice.randrange(30_000),
            cache_write_1h=dice.randrange(30_000),
            output=dice.randrange(5_000),
            web_searches=dice.randrange(2),
        )
        made.append(replace(one, computed_nano=stored(one)))
    return made


def answer(sight: Sight, picks: Picks = ()) -> WhatIfPage:
    """Return the page once all of it has been read."""
    ask = WhatIfAsk(picks)
    for _ in range(100):
        page = ask.answer(sight)
        if page.what_if is not None:
            assert page.read == page.requests
            return page
        assert page.read < page.requests
    raise AssertionError("it is never read to its end")


def test_every_model_reprices_each_request_at_its_own_date_and_size(database: Database) -> None:
    made = random_requests()
    found = answer(sight_of(build(database, made), NOW_MS, Span.MONTH)).what_if
    assert found is not None
    assert found.requests == len(made)
    assert found.computed_nano == sum(one.computed_nano or 0 for one in made)
    by_name = {row.candidate.model[:2]: row for row in found.rows}
    for provider, name in (*MODELS[:3], ("anthropic", "claude-haiku-4-5"), ("openai", "gpt-5.2")):
        row = by_name[provider, name]
        expected = [stored(one, (provider, name)) for one in made]
        assert row.nano[Way.CACHED] == sum(cost or 0 for cost in expected), name
        window = row.candidate.window
        assert window is not None
        assert row.too_large == sum(one.prompt > window for one in made)
        assert row.candidate.is_used is ((provider, name) in MODELS)
    assert [name for name, _ in found.unpriced] == ["nobody-knows-this"]
    costs = [row.nano[Way.CACHED] or 0 for row in found.rows]
    assert costs == sorted(costs)


@pytest.mark.parametrize("model", MODELS[:3])
def test_under_its_own_model_a_slice_costs_what_is_stored(
    database: Database, model: tuple[str, str]
) -> None:
    made = random_requests()
    view = build(database, made)
    picks = (Pick(Facet.MODEL, model[1]),)
    found = answer(sight_of(view, NOW_MS, Span.ALL), picks).what_if
    assert found is not None
    (own,) = [row for row in found.rows if row.candidate.model[:2] == model]
    kept = [one.computed_nano or 0 for one in made if one.model == model[1]]
    assert own.nano[Way.CACHED] == found.computed_nano == sum(kept)


def test_picks_and_ranges_narrow(database: Database) -> None:
    made = random_requests()
    view = build(database, made)
    picks = (Pick(Facet.SESSION, "s2"),)
    page = answer(sight_of(view, NOW_MS, Span.WEEK), picks)
    kept = [one for one in made if one.session == "s2" and one.at_ms >= page.shown.since_ms]
    assert page.what_if is not None
    assert page.what_if.requests == len(kept) > 0
    assert page.pruned == 0


def test_requests_that_are_stored_as_sums_alone_are_told(database: Database) -> None:
    view = build(database, random_requests(30))
    database.execute("DELETE FROM event WHERE key <= 10")
    page = answer(sight_of(view, NOW_MS, Span.ALL))
    assert page.what_if is not None
    assert (page.what_if.requests, page.pruned) == (20, 10)


def test_a_long_range_is_read_piece_by_piece(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "MOST_EVENTS", 20)
    made = random_requests(200)
    sight = sight_of(build(database, made), NOW_MS, Span.ALL)
    first = WhatIfAsk().answer(sight)
    assert first.what_if is None
    assert 0 < first.read < first.requests == 200
    page = answer(sight)
    assert page.what_if is not None
    assert page.what_if.computed_nano == sum(one.computed_nano or 0 for one in made)


def test_what_is_read_is_kept_until_it_changes(database: Database) -> None:
    view = build(database, random_requests(40))
    ask = WhatIfAsk()
    sight = sight_of(view, NOW_MS, Span.ALL)
    first = ask.answer(sight)
    database.execute("DELETE FROM event")
    later = replace(sight, now_ms=sight.now_ms + 60_000, at_ms=sight.at_ms + 60_000)
    kept = ask.answer(later)
    assert first.what_if is not None
    assert kept.what_if == first.what_if
    database.execute("UPDATE day SET events = events + 1, auto_nano = auto_nano + 1")
    much_later = replace(sight, now_ms=sight.now_ms + 120_000, at_ms=sight.at_ms + 120_000)
    anew = ask.answer(much_later).what_if
    assert anew is not None
    assert anew.requests < first.what_if.requests


def test_models_can_be_named_and_unknown_ones_are_told(database: Database) -> None:
    view = build(database, random_requests(40))
    names = ("claude-haiku-4-5", "no-such-model", "anthropic/claude-haiku-4-5")
    found = reprice(view, Portion(Slice()), PriceSettings(), names)
    assert [row.candidate.model.name for row in found.rows] == ["claude-haiku-4-5"]
    assert found.unknown == ("no-such-model",)


def test_an_empty_store_has_nothing_to_reprice(database: Database) -> None:
    found = reprice(build(database, []), Portion(), PriceSettings())
    assert (found.requests, found.computed_nano) == (0, 0)
    assert {row.nano[Way.CACHED] for row in found.rows} == {0}
