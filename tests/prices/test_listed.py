"""Which models could take the place of others."""

from __future__ import annotations

from tokwatch.model.event import ModelName
from tokwatch.prices.listed import LEAST_WINDOW, replacements
from tokwatch.prices.resolve import resolve, window
from tokwatch.prices.settings import PriceSettings

SETTINGS = PriceSettings()


def test_first_parties_sell_replacements_and_each_has_a_price_and_a_window() -> None:
    found = replacements((), SETTINGS)
    assert {"anthropic", "openai", "google"} <= {model.provider for model in found}
    assert ModelName("anthropic", "claude-opus-4-5") in found
    assert len(found) == len(set(found))
    for model in found:
        assert resolve(*model).cards, model
        assert (window(model.provider, model.name) or 0) >= LEAST_WINDOW


def test_a_maker_is_listed_with_its_own_models_alone() -> None:
    google = [model.name for model in replacements((), SETTINGS) if model.provider == "google"]
    assert any(name.startswith("gemini") for name in google)
    assert not any(name.startswith("claude") for name in google)


def test_models_for_other_work_are_left_out() -> None:
    names = {model.name for model in replacements((), SETTINGS)}
    words = ("image", "audio", "tts", "realtime", "transcribe", "embedding", "live", "cyber")
    assert [name for name in names if set(name.split("-")) & set(words)] == []


def test_other_sellers_are_listed_once_they_are_asked_for() -> None:
    assert "mistral" not in {model.provider for model in replacements((), SETTINGS)}
    assert "mistral" in {model.provider for model in replacements(("mistral",), SETTINGS)}
