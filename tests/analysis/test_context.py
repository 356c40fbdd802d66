"""How full a window is, and how its size is known."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.analysis.made import session
from tokwatch.analysis.context import Windows, context, window_of
from tokwatch.model.event import ModelName
from tokwatch.model.stored import SessionFact

FACT = session()


def table(provider: str, model: str) -> int | None:
    """Return the windows of two models."""
    return {("anthropic", "opus"): 200_000, ("openai", "gpt"): 400_000}.get((provider, model))


@pytest.mark.parametrize(
    ("fact", "configured", "window", "basis"),
    [
        (replace(FACT, window=123_456, largest_prompt=300_000), {"opus": 5}, 123_456, "logged"),
        (replace(FACT, largest_prompt=300_000), {"opus": 150_000}, 150_000, "configured"),
        (
            replace(FACT, last_model=ModelName("anthropic", "opus[1M]")),
            {},
            1_000_000,
            "logged",
        ),
        (replace(FACT, largest_prompt=200_001), {}, 1_000_000, "inferred"),
        (replace(FACT, largest_prompt=1_200_000), {}, 1_200_000, "inferred"),
        (FACT, {"other": 5}, 200_000, "table"),
        (
            replace(FACT, last_model=ModelName("openai", "gpt"), largest_prompt=300_000),
            {},
            400_000,
            "table",
        ),
        (replace(FACT, last_model=ModelName("x", "unheard-of")), {}, 200_000, "table"),
    ],
)
def test_the_surest_knowledge_of_a_window_counts(
    fact: SessionFact, configured: dict[str, int], window: int, basis: str
) -> None:
    assert window_of(fact, Windows(configured, table)) == (window, basis)


@pytest.mark.parametrize(
    ("fact", "configured", "window", "basis"),
    [
        (FACT, {}, 1_000_000, "settings"),
        (replace(FACT, window=123_456), {}, 123_456, "logged"),
        (FACT, {"opus": 150_000}, 150_000, "configured"),
        (replace(FACT, largest_prompt=200_001), {}, 1_000_000, "inferred"),
        (replace(FACT, largest_prompt=1_200_000), {}, 1_200_000, "inferred"),
        (replace(FACT, path="/b.jsonl"), {}, 200_000, "table"),
        (replace(FACT, last_model=ModelName("x", "large")), {}, 2_000_000, "table"),
    ],
)
def test_what_the_tools_settings_ask_for_counts_where_nothing_surer_is_known(
    fact: SessionFact, configured: dict[str, int], window: int, basis: str
) -> None:
    def known(provider: str, model: str) -> int | None:
        return 2_000_000 if model == "large" else table(provider, model)

    windows = Windows(configured, known, lambda source, path, model: path == FACT.path)

    assert window_of(fact, windows) == (window, basis)


def test_a_prompt_above_the_usual_window_proves_a_large_one_at_once() -> None:
    fact = replace(FACT, context_tokens=250_000)
    assert window_of(fact, Windows()) == (1_000_000, "inferred")


@pytest.mark.parametrize(
    ("tokens", "level"),
    [(0, "ok"), (149_999, "ok"), (150_000, "warning"), (169_999, "warning"), (170_000, "critical"),
     (200_000, "critical")],
)  # fmt: skip
def test_levels_begin_at_their_thresholds(tokens: int, level: str) -> None:
    fact = replace(FACT, context_tokens=tokens)
    found = context(fact, Windows({}, table), warning=0.75, critical=0.85)
    assert found is not None
    assert (found.level, found.share, found.window) == (level, tokens / 200_000, 200_000)


def test_an_unknown_prompt_has_no_gauge() -> None:
    fact = replace(FACT, context_tokens=None)
    assert context(fact, Windows({}, table), warning=0.75, critical=0.85) is None
