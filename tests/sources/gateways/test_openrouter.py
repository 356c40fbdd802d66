"""Requests that OpenRouter tells one by one: tokens as the provider counted them, and dollars."""

from __future__ import annotations

from tokwatch.model.event import Grade, ModelName, Sighting, response_key
from tokwatch.sources.gateways.openrouter import NAME, read_generations

ROW: dict[str, object] = {
    **{"id": "gen-1", "created_at": "2026-03-23T11:00:00Z", "model": "anthropic/claude-opus-4.5"},
    **{"native_tokens_prompt": 1210, "native_tokens_cached": 1000},
    **{"native_tokens_completion": 77, "native_tokens_reasoning": 5},
    **{"total_cost": 0.0125, "is_byok": False},
}


def told(**more: object) -> list[Sighting]:
    """Return what a row tells."""
    return list(read_generations("box", "endpoint:box", [{**ROW, **more}]).sightings)


def test_the_prompt_is_parted_from_the_cache_and_the_dollars_are_the_logged_cost() -> None:
    [one] = told()

    assert one.key == response_key("gen-1")
    assert (one.input, one.cache_read, one.output, one.reasoning) == (210, 1000, 77, 5)
    assert (one.logged_nano, one.final, one.grade) == (12_500_000, 1, Grade.WITNESS)
    assert (one.model, one.scope.source) == (*(ModelName(NAME, "anthropic/claude-opus-4.5"), NAME),)


def test_what_is_not_told_is_unknown() -> None:
    [one] = told(native_tokens_cached=None, native_tokens_reasoning=None, total_cost=None)

    assert (one.input, one.cache_read, one.reasoning, one.logged_nano) == (1210, None, None, None)


def test_with_a_key_of_ones_own_only_the_provider_knows_the_cost() -> None:
    assert told(is_byok=True)[0].logged_nano is None


def test_a_row_without_a_time_is_counted() -> None:
    reading = read_generations("box", "endpoint:box", [{**ROW, "created_at": "soon"}])

    assert reading.sightings == []
    assert (reading.tally.lines, reading.tally.undated) == (1, 1)
