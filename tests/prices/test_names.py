"""How names from logs are read: known prefixes, dates, revisions, nothing else."""

from __future__ import annotations

import pytest

from tokwatch.prices.names import clean, has_long_window, is_local, normalise, read
from tokwatch.prices.resolve import resolve


@pytest.mark.parametrize(
    ("logged", "listed"),
    [
        ("claude-opus-4-6", "claude-opus-4-6"),
        ("Claude-Opus-4-6", "claude-opus-4-6"),
        ("claude-opus-4.6", "claude-opus-4-6"),
        ("claude-opus-4-6[1m]", "claude-opus-4-6"),
        ("claude-haiku-4-5-20251001", "claude-haiku-4-5"),
        ("claude-haiku-4.5", "claude-haiku-4-5"),
        ("claude-sonnet-4-5@20250929", "claude-sonnet-4-5"),
        ("claude-opus-4-6@default", "claude-opus-4-6"),
        ("anthropic/claude-sonnet-4.6", "claude-sonnet-4-6"),
        ("openrouter/anthropic/claude-opus-4.8", "claude-opus-4-8"),
        ("vertex_ai/claude-opus-4-8@20260528", "claude-opus-4-8"),
        ("publishers/anthropic/models/claude-sonnet-4-6", "claude-sonnet-4-6"),
        ("projects/p/locations/l/publishers/google/models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("models/gemini-2.5-flash", "gemini-2.5-flash"),
        ("azure/gpt-4o-mini", "gpt-4o-mini"),
        ("openai/gpt-5.2-codex", "gpt-5.2"),
        ("litellm/openai/gpt-5-2", "gpt-5.2"),
        ("gpt-4-1", "gpt-4.1"),
        ("claude-4.5-sonnet", "claude-sonnet-4-5"),
        ("claude-4.5-sonnet-thinking", "claude-sonnet-4-5"),
        ("gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
        ("anthropic.claude-v2:1", "claude-2"),
        ("gemini-3.1-pro-preview-customtools", "gemini-3.1-pro-preview"),
    ],
)
def test_a_spelling_finds_its_model(logged: str, listed: str) -> None:
    assert resolve("", logged).priced_as == listed


@pytest.mark.parametrize(
    ("logged", "input_usd"),
    [
        ("global.anthropic.claude-sonnet-4-5-20250929-v1:0", 3.0),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", 3.3),
        ("eu.anthropic.claude-3-7-sonnet-20250219-v1:0", 3.0),
        ("bedrock/us-east-1/anthropic.claude-opus-4-1-20250805-v1:0", 15.0),
        (
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/"
            "us.anthropic.claude-opus-4-6-v1",
            5.5,
        ),
    ],
)
def test_bedrock_names_have_the_price_of_their_geography(logged: str, input_usd: float) -> None:
    resolution = resolve("", logged)

    assert resolution.provider == "aws"
    assert {card.input for card in resolution.cards} == {round(input_usd * 1e9)}


def test_candidates_run_from_exact_to_bare() -> None:
    assert normalise("openrouter/anthropic/claude-opus-4.6") == (
        "openrouter/anthropic/claude-opus-4.6",
        "anthropic/claude-opus-4.6",
        "claude-opus-4.6",
        "claude-opus-4-6",
    )


def test_an_unknown_prefix_stays() -> None:
    assert normalise("deepinfra/mixtral") == ("deepinfra/mixtral",)


def test_the_outermost_prefix_names_the_host() -> None:
    assert read("openrouter/openai/gpt-5").host == "openrouter"
    assert read("us.anthropic.claude-opus-5").host == "aws"
    assert read("gpt-5").host == ""


@pytest.mark.parametrize(
    "logged",
    [
        "claude-opus-4-10",
        "claude-opus-4-1-5",
        "claude-3-opus-mine",
        "claude-haiku-4-5-distilled-llama",
        "gpt-5.3-codex-spark",
        "gpt-5-codexx",
        "gemini-2.5-pro-ultra",
        "my-claude-opus-4-6",
    ],
)
def test_a_longer_name_is_another_model(logged: str) -> None:
    assert resolve("", logged).cards == ()


def test_a_hostile_name_is_cleaned_and_bounded() -> None:
    assert clean("gpt-4o\x1b[31m\n\x9f") == "gpt-4o[31m"
    assert clean("a" * 201) == ""
    assert resolve("", "x" * 10_000_000).note == "The log names no model."


def test_the_long_window_is_a_suffix() -> None:
    assert has_long_window("claude-sonnet-4-5[1m]")
    assert not has_long_window("claude-sonnet-4-5")


@pytest.mark.parametrize(
    ("provider", "model", "local"),
    [
        ("ollama", "claude-opus-4-6", True),
        ("", "ollama/gpt-oss:20b", True),
        ("LMStudio", "qwen3-coder", True),
        ("openai", "gpt-5", False),
        ("", "ollama", False),
        ("ollama", "gpt-oss:120b-cloud", False),
    ],
)
def test_local_runtimes_are_known_by_provider_or_prefix(
    provider: str, model: str, local: bool
) -> None:
    assert is_local(provider, model) is local
