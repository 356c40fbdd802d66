"""From genai-prices to the catalog, and from the catalog to cards that cover everything once."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import genai_prices
import msgspec
import pytest
from genai_prices import types

from tokwatch.model.card import ANY_TOKENS, FOREVER_MS, RateCard, card_at
from tokwatch.prices import genai
from tokwatch.prices.assembly import Assembly
from tokwatch.prices.catalog import Catalog, Matcher, Price, flat, matches
from tokwatch.prices.lookup import Entry, find
from tokwatch.prices.settings import Override
from tokwatch.prices.table import table


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """Return the installed price list."""
    return genai.installed()


def test_the_catalog_survives_its_encoding(catalog: Catalog) -> None:
    assert msgspec.json.decode(msgspec.json.encode(catalog), type=Catalog) == catalog
    assert catalog.source == f"genai-prices {genai_prices.__version__}"


@pytest.mark.parametrize(
    ("matcher", "name", "expected"),
    [
        (((("^", "claude-opus-4-1"),),), "claude-opus-4-1-20250805", True),
        (((("^", "claude-opus-4-1"),),), "claude-opus-4-1-20250805-v1:0", True),
        (((("^", "claude-opus-4-1"),),), "claude-opus-4-1-latest", True),
        (((("^", "claude-opus-4-1"),),), "claude-opus-4-10", False),
        (((("^", "claude-opus-4-1"),),), "claude-opus-4-1-mini", False),
        (((("^", "claude-sonnet-4-2025"),),), "claude-sonnet-4-20250514", True),
        (((("^", "gemini-3-flash-preview-"),),), "gemini-3-flash-preview-09-2025", True),
        (((("~", "claude-opus"),),), "my-claude-opus", False),
        (((("$", "/kimi"),),), "host/kimi", True),
        (((("$", "kimi"),),), "my-kimi", False),
        (((("^", "a"), ("re", "^(?!.*-tts)")),), "a-latest", True),
        (((("^", "a"), ("re", "^(?!.*-tts)")),), "a-tts", False),
        (((("=", "a"),), (("=", "b"),)), "b", True),
        ((), "a", False),
    ],
)
def test_a_matcher_takes_dates_and_revisions_but_no_other_name(
    matcher: Matcher, name: str, expected: bool
) -> None:
    assert matches(matcher, name) is expected


def test_every_model_in_every_tier_has_one_card_for_each_request(catalog: Catalog) -> None:
    for provider in catalog.providers:
        for model in provider.models:
            if not model.prices[-1].price.input:
                continue
            for tiers in ((), ("fast",), ("batch", "us"), ("priority",), ("flex",)):
                entry = Entry(provider.id, model, "")
                covers_all_once(Assembly(entry, table(), tiers, Override()).cards())


def covers_all_once(cards: tuple[RateCard, ...]) -> None:
    """Fail unless the cards partition time and prompt size."""
    assert all(min(card[4:10]) >= 0 for card in cards)
    instants = {0, *(card.since_ms for card in cards), *(card.until_ms - 1 for card in cards)}
    prompts = {0, *(card.above_tokens + 1 for card in cards), *(card.upto_tokens for card in cards)}
    for instant, prompt in product(instants, prompts):
        fitting = [card for card in cards if card_at((card,), instant, prompt)]
        assert len(fitting) == 1, (instant, prompt)
    area = sum((c.until_ms - c.since_ms) * (c.upto_tokens - c.above_tokens) for c in cards)
    assert area == FOREVER_MS * (ANY_TOKENS + 1)


def test_standard_cards_agree_with_genai_prices(catalog: Catalog) -> None:
    """Ask genai-prices itself for a cost, where prices.toml corrects nothing."""
    usage = genai_prices.Usage(
        input_tokens=150_000,
        cache_read_tokens=100_000,
        cache_write_tokens=20_000,
        output_tokens=9_000,
    )
    for model in ("claude-opus-4-8", "claude-haiku-4-5", "gpt-5.6-sol", "gemini-2.5-pro"):
        theirs = genai_prices.calc_price(usage, model).total_price
        found = find(catalog, table(), "", model)
        assert found is not None
        card = card_at(Assembly(found, table(), (), Override()).cards(), 1_795_132_800_000, 150_000)
        assert card is not None
        ours = 30_000 * card.input + 100_000 * card.cache_read + 20_000 * card.cache_write_5m
        assert Decimal(ours + 9_000 * card.output) / 10**15 == theirs, model


def test_a_price_list_without_rates_for_a_class_is_filled_in() -> None:
    bare = Price(flat(2_000), output=flat(8_000))
    model = types.ModelInfo("m", types.ClauseEquals("m"), prices=types.ModelPrice())

    assert (
        genai._price(
            types.ModelPrice(input_mtok=Decimal("0.000002"), output_mtok=Decimal("0.000008"))
        )
        == bare
    )
    assert genai._model(model).prices[0].price == Price()


def test_main_writes_the_catalog(
    capsysbinary: pytest.CaptureFixture[bytes], catalog: Catalog
) -> None:
    assert genai.main([]) == 0
    assert msgspec.json.decode(capsysbinary.readouterr().out, type=Catalog) == catalog
