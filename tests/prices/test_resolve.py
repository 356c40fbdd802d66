"""Which price a model has on a day: by figures checked by hand against the vendors' lists."""

from __future__ import annotations

import json
import subprocess
import sys

import msgspec
import pytest

from tests.prices.worth import at_ms, card, cost_usd, dollars
from tokwatch.model.card import RateCard, card_at, cost_nano
from tokwatch.prices.resolve import resolve, window
from tokwatch.prices.settings import PriceSettings
from tokwatch.prices.update import catalog

TODAY = "2026-11-20"


@pytest.mark.parametrize(
    ("model", "rates"),
    [
        ("gpt-4", (30, 30, 30, 30, 60)),
        ("gpt-4-turbo", (10, 10, 10, 10, 30)),
        ("gpt-3.5-turbo", (0.5, 0.5, 0.5, 0.5, 1.5)),
        ("gpt-4o-mini", (0.15, 0.075, 0.15, 0.15, 0.6)),
        ("claude-3-opus-20240229", (15, 1.5, 18.75, 30, 75)),
        ("claude-3-sonnet-20240229", (3, 0.3, 3.75, 6, 15)),
        ("claude-opus-4-1", (15, 1.5, 18.75, 30, 75)),
        ("claude-opus-4-5-20251101", (5, 0.5, 6.25, 10, 25)),
        ("claude-opus-4-6", (5, 0.5, 6.25, 10, 25)),
        ("claude-opus-4-7", (5, 0.5, 6.25, 10, 25)),
        ("claude-opus-4-8", (5, 0.5, 6.25, 10, 25)),
        ("claude-opus-5", (5, 0.5, 6.25, 10, 25)),
        ("claude-opus-5-5", (4, 0.2, 5, 8, 20)),
        ("claude-sonnet-4-5", (3, 0.3, 3.75, 6, 15)),
        ("claude-sonnet-4-6", (3, 0.3, 3.75, 6, 15)),
        ("claude-sonnet-5", (2, 0.2, 2.5, 4, 10)),
        ("claude-haiku-4-5", (1, 0.1, 1.25, 2, 5)),
        ("claude-haiku-5-5", (0.1, 0.01, 0.125, 0.2, 0.5)),
        ("claude-fable-5", (10, 1, 12.5, 20, 50)),
        ("claude-mythos-5", (10, 1, 12.5, 20, 50)),
        ("gpt-5", (1.25, 0.125, 1.25, 1.25, 10)),
        ("gpt-5-codex", (1.25, 0.125, 1.25, 1.25, 10)),
        ("gpt-5.1-codex-max", (1.25, 0.125, 1.25, 1.25, 10)),
        ("gpt-5.1-codex-mini", (0.25, 0.025, 0.25, 0.25, 2)),
        ("gpt-5.2", (1.75, 0.175, 1.75, 1.75, 14)),
        ("gpt-5.3-codex", (1.75, 0.175, 1.75, 1.75, 14)),
        ("gpt-5.4", (2.5, 0.25, 2.5, 2.5, 15)),
        ("gpt-5.4-mini", (0.75, 0.075, 0.75, 0.75, 4.5)),
        ("gpt-5.5", (5, 0.5, 5, 5, 30)),
        ("gpt-5.6-sol", (4, 0.4, 5, 5, 20)),
        ("gemini-2.5-pro", (1.25, 0.125, 1.25, 1.25, 10)),
        ("gemini-2.5-flash", (0.3, 0.03, 0.3, 0.3, 2.5)),
        ("gemini-3-pro-preview", (2, 0.2, 2, 2, 12)),
        ("gemini-3-flash-preview", (0.5, 0.05, 0.5, 0.5, 3)),
    ],
)
def test_a_model_has_its_published_rates(model: str, rates: tuple[float, ...]) -> None:
    assert dollars(card(model, TODAY)) == rates


@pytest.mark.parametrize(
    ("model", "before", "rates_before", "after", "rates_after"),
    [
        ("claude-2", "2023-11-20", (11.02, 32.68), "2023-11-22", (8, 24)),
        ("o3", "2025-06-09", (10, 40), "2025-06-11", (2, 8)),
        ("gpt-5.6-sol", "2026-08-20", (5, 30), "2026-08-22", (4, 20)),
        ("gpt-5.6-terra", "2026-07-29", (2.5, 15), "2026-07-31", (2, 12)),
        ("gemini-4-argon", "2026-11-30", (2, 10), "2026-12-02", (4, 20)),
        ("gpt-4", "2023-06-01", (30, 60), TODAY, (30, 60)),
        ("gpt-4-turbo", "2023-12-01", (10, 30), TODAY, (10, 30)),
        ("gpt-4o-mini", "2024-07-18", (0.15, 0.6), TODAY, (0.15, 0.6)),
        ("claude-3-opus", "2024-03-04", (15, 75), TODAY, (15, 75)),
        ("claude-3-sonnet", "2024-03-04", (3, 15), TODAY, (3, 15)),
    ],
)
def test_a_request_has_the_price_of_its_day(
    model: str,
    before: str,
    rates_before: tuple[float, float],
    after: str,
    rates_after: tuple[float, float],
) -> None:
    for day, expected in ((before, rates_before), (after, rates_after)):
        rates = dollars(card(model, day))
        assert (rates[0], rates[4]) == expected, day


def test_a_change_holds_from_midnight_utc() -> None:
    cards = resolve("", "o3").cards
    midnight_ms = at_ms("2025-06-10") - 12 * 3_600_000

    last, first = (card_at(cards, midnight_ms + step, 1) for step in (-1, 0))

    assert last is not None
    assert first is not None
    assert (last.input, first.input) == (10_000_000_000, 2_000_000_000)
    assert (last.cache_read, first.cache_read) == (2_500_000_000, 500_000_000)


# 1,000 input + 240,000 read + 5,000 written for 5 minutes + 5,000 for an hour, 2,000 output.
LONG = (1_000, 240_000, 5_000, 5_000, 2_000)


@pytest.mark.parametrize(
    ("model", "day", "expected_usd"),
    [
        # 0.01 + 0.24 + 0.0625 + 0.1 + 0.075
        ("claude-opus-4-6", "2026-03-12", 0.4875),
        # 0.005 + 0.12 + 0.03125 + 0.05 + 0.05
        ("claude-opus-4-6", "2026-03-13", 0.25625),
        # 0.006 + 0.144 + 0.0375 + 0.06 + 0.045
        ("claude-sonnet-4-6", "2026-03-12", 0.2925),
        # 0.003 + 0.072 + 0.01875 + 0.03 + 0.03
        ("claude-sonnet-4-6", "2026-03-13", 0.15375),
        ("claude-sonnet-4-5", "2026-03-13", 0.2925),
        ("claude-sonnet-4-20250514", "2025-09-01", 0.2925),
        # 0.005 + 0.12 + 0.03125 + 0.05 + 0.05: flat over the whole window
        ("claude-opus-4-8", TODAY, 0.25625),
        # 0.0005 + 0.012 + 0.003125 + 0.005 + 0.005: above 100,000
        ("claude-haiku-5-5", TODAY, 0.025625),
    ],
)
def test_a_long_prompt_costs_more_while_its_premium_holds(
    model: str, day: str, expected_usd: float
) -> None:
    assert cost_usd(model, day, LONG) == expected_usd


@pytest.mark.parametrize(
    ("model", "edge", "day"),
    [
        ("claude-sonnet-4-5", 200_000, "2026-01-01"),
        ("gemini-2.5-pro", 200_000, TODAY),
        ("gpt-5.4", 272_000, TODAY),
        ("gpt-5.6-sol", 272_000, TODAY),
    ],
)
def test_exactly_the_threshold_stays_base_and_one_more_moves_all(
    model: str, edge: int, day: str
) -> None:
    base, long = (dollars(card(model, day, prompt=edge + more)) for more in (0, 1))

    assert (long[0], long[1], long[4]) == (base[0] * 2, base[1] * 2, base[4] * 1.5)


def test_an_empty_prompt_has_a_price() -> None:
    assert card("claude-opus-4-6", TODAY, prompt=0).output == 25_000_000_000


def test_a_cost_is_rounded_half_up_once() -> None:
    card = RateCard(0, 1, -1, 9, 250_000, 250_000, 0, 0, 499_999, 7, "")

    assert cost_nano(card, 1, 1, 0, 0, 0) == 1
    assert cost_nano(card, 1, 0, 0, 0, 0) == 0
    assert cost_nano(card, 0, 0, 0, 0, 1) == 0
    assert cost_nano(card, 0, 0, 0, 0, 0, 3) == 21


@pytest.mark.parametrize("model", ["claude-opus-4-6", "claude-3-opus", "claude-mythos-5"])
def test_a_web_search_of_claude_costs_a_cent(model: str) -> None:
    assert cost_nano(card(model, TODAY), 0, 0, 0, 0, 0, 1) == 10_000_000


@pytest.mark.parametrize(
    "model",
    [
        "deepinfra/mixtral",
        "auto",
        "cursor-auto",
        "codex-auto-review",
        "some-model",
        "",
        "<synthetic>",
    ],
)
def test_what_no_list_has_is_unpriced_and_says_why(model: str) -> None:
    resolution = resolve("", model)

    assert resolution.cards == ()
    assert resolution.note


def test_an_unknown_host_sells_first_party_models_only() -> None:
    assert resolve("my-proxy", "claude-opus-4-6").priced_as == "claude-opus-4-6"
    assert resolve("deepinfra", "mixtral-8x7b").cards == ()
    assert resolve("deepinfra", "mistralai/mixtral-8x7b").cards == ()
    assert resolve("deepinfra", "gpt-oss-120b").cards == ()


def test_a_source_that_assumes_its_own_vendor_is_not_believed() -> None:
    assert resolve("anthropic", "glm-4.6").provider == "zai"
    assert resolve("anthropic", "gpt-5").provider == "openai"
    assert resolve("openai", "kimi-k3").provider == "moonshotai"


def test_a_host_with_its_own_list_goes_first() -> None:
    assert resolve("github-copilot", "claude-opus-4.8-fast").provider == "github-copilot"
    assert resolve("openrouter", "z-ai/glm-4.6").provider == "openrouter"
    assert resolve("", "openrouter/z-ai/glm-4.6").provider == "openrouter"
    assert resolve("groq", "openai/gpt-oss-120b").provider == "groq"
    assert resolve("", "qwen/qwen3-coder").provider == "openrouter"


@pytest.mark.parametrize(
    ("provider", "model", "source"),
    [
        ("ollama", "claude-opus-4-6", "free (local)"),
        ("", "lmstudio/gpt-oss-20b", "free (local)"),
        ("openrouter", "deepseek/deepseek-r1:free", "free (:free)"),
    ],
)
def test_local_models_are_free_and_not_unpriced(provider: str, model: str, source: str) -> None:
    (only,) = resolve(provider, model).cards

    assert only[4:] == (0, 0, 0, 0, 0, 0, source)
    assert card_at([only], 0, 0) is only


def test_models_in_ollamas_cloud_are_not_free() -> None:
    assert resolve("ollama", "gpt-oss:120b-cloud").cards == ()


def test_a_price_by_the_hour_is_that_of_most_hours_and_says_so() -> None:
    resolution = resolve("", "deepseek-chat")

    assert resolution.cards[0].input == 270_000_000
    assert "most hours" in resolution.note


@pytest.mark.parametrize(
    ("provider", "model", "tokens"),
    [
        ("anthropic", "claude-opus-4-6", 1_000_000),
        ("anthropic", "claude-sonnet-4-5", 200_000),
        ("anthropic", "claude-sonnet-4-5[1m]", 1_000_000),
        ("anthropic", "opus[1m]", 1_000_000),
        ("google", "gemini-2.5-pro", 1_048_576),
        ("openai", "gpt-5.4", 1_050_000),
        ("anthropic", "claude-mythos-5", 1_000_000),
        ("ollama", "claude-opus-4-6", None),
        ("", "some-model", None),
        ("", "auto", None),
    ],
)
def test_the_context_window_by_name(provider: str, model: str, tokens: int | None) -> None:
    assert window(provider, model) == tokens


HEAVY = ("genai_prices", "httpx", "httpx2", "pydantic", "sqlmodel")


def test_pricing_keeps_heavy_libraries_out_of_the_process() -> None:
    code = (
        "import json, sys, tokwatch.prices.resolve as p; p.resolve('', 'gpt-5'); "
        "print(json.dumps([name.partition('.')[0] for name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert not {*json.loads(done.stdout)} & {*HEAVY}


def test_another_price_list_is_looked_into_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    known = resolve("", "gpt-4o-mini")
    whole = catalog(PriceSettings().folder)
    without = msgspec.structs.replace(
        whole, providers=tuple(one for one in whole.providers if one.id == "anthropic")
    )

    monkeypatch.setattr("tokwatch.prices.resolve.catalog", lambda folder: without)
    assert resolve("", "gpt-4o-mini").cards == ()
    monkeypatch.undo()
    assert resolve("", "gpt-4o-mini") == known
