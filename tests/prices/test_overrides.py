"""The user's own prices and aliases, and the version that tells when to price again."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType

import pytest

from tests.prices.worth import card, dollars
from tokwatch.prices.resolve import resolve, window
from tokwatch.prices.settings import Override, PriceSettings
from tokwatch.prices.version import version

TODAY = "2026-11-20"


@dataclass(frozen=True)
class Rates:
    """A `[prices.override]` table as the configuration gives it."""

    input: float | None = None
    cache_read: float | None = None
    cache_write_5m: float | None = None
    cache_write_1h: float | None = None
    output: float | None = None


@dataclass(frozen=True)
class Section:
    """A `[prices]` section as the configuration gives it."""

    override: MappingProxyType[str, Rates] = field(default_factory=lambda: MappingProxyType({}))
    alias: MappingProxyType[str, str] = field(default_factory=lambda: MappingProxyType({}))


def overriding(name: str, **rates: float) -> PriceSettings:
    """Return settings with one override, in dollars."""
    return PriceSettings.from_config(Section(override=MappingProxyType({name: Rates(**rates)})))


def aliasing(**aliases: str) -> PriceSettings:
    """Return settings with aliases; `__` stands for a slash."""
    names = {name.replace("__", "/"): target for name, target in aliases.items()}
    return PriceSettings.from_config(Section(alias=MappingProxyType(names)))


def test_a_model_is_unpriced_until_an_alias_is_set() -> None:
    settings = aliasing(deepinfra__mixtral="mistral/open-mixtral-8x7b")

    assert resolve("", "deepinfra/mixtral").cards == ()
    assert resolve("", "deepinfra/mixtral", "", settings).priced_as == "mixtral-8x7b"
    assert resolve("deepinfra", "Mixtral", "", settings).priced_as == "mixtral-8x7b"


def test_an_alias_gives_a_router_the_price_and_window_of_a_model() -> None:
    settings = aliasing(auto="claude-opus-4-6")

    assert (
        resolve("", "auto", "fast", settings).cards == resolve("", "claude-opus-4-6", "fast").cards
    )
    assert window("", "auto", settings) == 1_000_000


def test_an_alias_may_point_to_a_local_model_and_away_from_one() -> None:
    assert resolve("", "x", "", aliasing(x="ollama/x")).cards[0].source == "free (local)"
    assert resolve("ollama", "x", "", aliasing(x="gpt-5")).priced_as == "gpt-5"


def test_a_partial_override_keeps_the_other_rates() -> None:
    settings = overriding("claude-opus-4-6", output=20)

    assert dollars(card("claude-opus-4-6", TODAY, settings=settings)) == (5, 0.5, 6.25, 10, 20)


def test_an_override_holds_on_every_day_and_at_every_size() -> None:
    settings = overriding("Claude-Opus-4-6", input=4)
    resolution = resolve("", "anthropic/claude-opus-4.6", "", settings)

    assert {c.input for c in resolution.cards} == {4_000_000_000}
    assert {c.output for c in resolution.cards} == {25_000_000_000, 37_500_000_000}


def test_an_override_is_the_standard_price_that_tiers_multiply() -> None:
    settings = overriding("claude-opus-4-6", input=4, output=20)

    rates = dollars(card("claude-opus-4-6", TODAY, tier="fast", settings=settings))

    assert (rates[0], rates[4]) == (24, 120)


def test_an_override_of_a_model_that_no_list_has_needs_input_and_output() -> None:
    whole, half = overriding("house/own", input=1, output=2), overriding("house/own", input=1)

    assert dollars(card("house/own", TODAY, settings=whole)) == (1, 1, 1, 1, 2)
    assert card("house/own", TODAY, settings=whole).source == "override config.toml"
    assert resolve("", "house/own", "", half).cards == ()
    assert "input and output" in resolve("", "house/own", "", half).note


def test_an_override_prices_a_local_model() -> None:
    settings = overriding("ollama/llama", input=0.1, output=0.1)

    assert dollars(card("ollama/llama", TODAY, settings=settings))[0] == 0.1
    assert dollars(card("llama", TODAY, provider="ollama", settings=settings))[4] == 0.1


@pytest.mark.parametrize(
    "rates",
    [
        {"input": 3.0},
        {
            "input": 1.0,
            "cache_read": 1.0,
            "cache_write_5m": 1.0,
            "cache_write_1h": 1.0,
            "output": 1.0,
        },
    ],
)
def test_a_card_names_the_override(rates: dict[str, float]) -> None:
    source = card("claude-opus-4-8", TODAY, settings=overriding("claude-opus-4-8", **rates)).source

    assert source.endswith("override config.toml")
    assert ("genai-prices" in source) == (len(rates) == 1)


def test_dollars_become_nano_dollars_exactly() -> None:
    assert overriding("m", input=0.1, output=2.675).overrides["m"] == Override(
        input=100_000_000, output=2_675_000_000
    )


def test_the_version_changes_with_overrides_and_aliases() -> None:
    versions = [
        version(settings)
        for settings in (
            None,
            overriding("m", input=1),
            overriding("m", input=2),
            overriding("n", input=1),
            aliasing(m="gpt-5"),
            aliasing(m="gpt-4"),
        )
    ]

    assert len(set(versions)) == len(versions)
    assert version() == version(PriceSettings())
