"""Fast, priority, batch, flex and the region: what multiplies, from when, up to which size."""

from __future__ import annotations

import pytest

from tests.prices.worth import card, cost_usd, dollars
from tokwatch.prices.resolve import resolve

TODAY = "2026-11-20"


@pytest.mark.parametrize(
    ("model", "tier", "times"),
    [
        ("claude-opus-4-6", "fast", 6),
        ("claude-opus-4-7", "fast", 6),
        ("claude-opus-4-8", "fast", 2),
        ("claude-opus-5", "fast", 2),
        ("gpt-5.3-codex", "fast", 2),
        ("gpt-5.4", "priority", 2),
        ("gpt-5.4-mini", "fast", 2),
        ("gpt-5.6-sol", "priority", 2),
        ("gpt-5.5", "fast", 2.5),
        ("claude-opus-4-6", "batch", 0.5),
        ("claude-3-opus", "batch", 0.5),
        ("gpt-5", "flex", 0.5),
    ],
)
@pytest.mark.parametrize("day", ["2026-09-30", TODAY])
def test_a_tier_multiplies_every_token_rate(model: str, tier: str, times: float, day: str) -> None:
    standard = card(model, day)
    tiered = card(model, day, tier=tier)

    assert dollars(tiered) == tuple(rate * times for rate in dollars(standard))
    assert tiered.web_search == standard.web_search


@pytest.mark.parametrize("tier", ["", "standard", "default", "Standard", "standard+global"])
def test_the_words_for_the_ordinary_change_nothing(tier: str) -> None:
    assert resolve("", "claude-opus-4-6", tier) == resolve("", "claude-opus-4-6")


def test_fast_opus_costs_what_a_hand_reckons() -> None:
    # 2,000 x 30 + 50,000 x 3 + 1,000 x 60 (an hour) + 4,000 x 150, in millionths of a dollar
    tokens = (2_000, 50_000, 0, 1_000, 4_000)

    assert cost_usd("claude-opus-4-6", TODAY, tokens, "fast") == 0.06 + 0.15 + 0.06 + 0.6


def test_fast_opus_multiplies_the_long_context_premium_while_it_held() -> None:
    used = card("claude-opus-4-6", "2026-03-01", tier="fast", prompt=200_001)

    assert dollars(used) == (60, 6, 75, 120, 225)


@pytest.mark.parametrize(
    ("model", "day", "rates"),
    [
        ("gpt-5.4", TODAY, (5, 0.5, 22.5)),
        ("gpt-5.5", TODAY, (10, 1, 45)),
        ("gpt-5.6-sol", "2026-10-11", (8, 0.8, 30)),
        ("gpt-5.6-sol", "2026-10-12", (16, 1.6, 60)),
    ],
)
def test_priority_above_272k_costs_extra_only_where_a_price_is_listed(
    model: str, day: str, rates: tuple[float, float, float]
) -> None:
    used = dollars(card(model, day, tier="priority", prompt=272_001))

    assert (used[0], used[1], used[4]) == rates


def test_a_tier_before_its_listing_keeps_its_ratio_to_the_price_of_that_day() -> None:
    # gpt-5.6-sol cost 5 and 30 until 2026-08-20; its priority price is listed since 2026-10-12.
    used = dollars(card("gpt-5.6-sol", "2026-08-01", tier="priority"))

    assert (used[0], used[2], used[4]) == (10, 12.5, 60)


def test_batch_halves_what_the_list_halves_only() -> None:
    # OpenAI lists no batch rate for cached input of gpt-4.1.
    assert dollars(card("gpt-4.1", TODAY, tier="batch"))[:2] == (1, 0.5)


def test_batch_without_a_listed_price_halves_input_and_output() -> None:
    rates = dollars(card("gpt-5.3-codex", TODAY, tier="batch"))

    assert (rates[0], rates[1], rates[4]) == (0.875, 0.175, 7)


@pytest.mark.parametrize(
    ("model", "times"),
    [("claude-opus-4-6", 1.1), ("claude-haiku-5-5", 1.1), ("claude-sonnet-4-5", 1.0)],
)
def test_us_only_inference_costs_a_tenth_more_on_later_models(model: str, times: float) -> None:
    standard, regional = (dollars(card(model, TODAY, tier=t)) for t in ("", "standard+us"))

    assert regional == pytest.approx([rate * times for rate in standard])


def test_tier_and_region_multiply() -> None:
    # 5 x 6 x 1.1 and 25 x 6 x 1.1
    rates = dollars(card("claude-opus-4-6", TODAY, tier="fast+us"))

    assert (rates[0], rates[4]) == (33, 165)


def test_a_search_costs_the_same_in_every_tier() -> None:
    assert card("claude-opus-4-6", TODAY, tier="batch+us").web_search == 10_000_000


@pytest.mark.parametrize(
    ("model", "tier"), [("claude-sonnet-4-6", "fast"), ("claude-opus-4-8", "priority")]
)
def test_a_tier_without_a_known_price_is_standard_and_says_so(model: str, tier: str) -> None:
    resolution = resolve("", model, tier)

    assert resolution.cards == resolve("", model).cards
    assert resolution.note == f"No price of tier {tier} is known: standard rates."


def test_a_card_says_where_its_rates_come_from() -> None:
    assert card("claude-opus-4-8", TODAY).source.startswith("genai-prices ")
    assert card("claude-opus-4-6", TODAY, tier="fast").source.endswith("prices.toml 2026-11-20")
    assert card("claude-mythos-5", TODAY).source == "prices.toml 2026-11-20"
