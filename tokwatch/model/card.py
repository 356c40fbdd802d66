"""The rate card: what one request of a model costs, for a period and a range of prompt sizes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from tokwatch.model.units import OPEN_END_MS

FOREVER_MS: Final = OPEN_END_MS
"""End of a card that is still valid."""

ANY_TOKENS: Final = 2**62
"""Upper end of a card without a bound on the prompt's size."""

MILLION: Final = 1_000_000


class Rates(NamedTuple):
    """Nano-dollars per million tokens of each class, and for one web search."""

    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    web_search: int = 0


class RateCard(NamedTuple):
    """Rates, and when they hold: the cards of a model partition time and prompt size."""

    since_ms: int
    """First instant (UTC epoch) at which it holds; 0 is always."""
    until_ms: int
    """First instant at which it no longer holds."""
    above_tokens: int
    """Holds for prompts (input, cache reads and writes) of more tokens than this; -1 is any."""
    upto_tokens: int
    """Holds for prompts of at most this many tokens."""
    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    web_search: int
    """Nano-dollars for one search; the other rates are for a million tokens."""
    source: str
    """Where the rates come from, in words."""


def cost_nano(
    card: RateCard,
    input: int,
    cache_read: int,
    cache_write_5m: int,
    cache_write_1h: int,
    output: int,
    web_searches: int = 0,
) -> int:
    """Return what one request costs, in nano-dollars, rounded half up once."""
    micro = (
        input * card.input
        + cache_read * card.cache_read
        + cache_write_5m * card.cache_write_5m
        + cache_write_1h * card.cache_write_1h
        + output * card.output
    )
    return (micro + MILLION // 2) // MILLION + web_searches * card.web_search


def card_at(cards: Iterable[RateCard], instant_ms: int, prompt_tokens: int) -> RateCard | None:
    """Return the one card that prices a request of this instant and prompt size."""
    for card in cards:
        if (
            card.since_ms <= instant_ms < card.until_ms
            and card.above_tokens < prompt_tokens <= card.upto_tokens
        ):
            return card
    return None
