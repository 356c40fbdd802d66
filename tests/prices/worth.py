"""Costs in the tests of this folder, told in dollars and dates."""

from __future__ import annotations

from datetime import UTC, datetime

from tokwatch.model.card import RateCard, card_at, cost_nano
from tokwatch.prices.resolve import resolve
from tokwatch.prices.settings import PriceSettings


def at_ms(day: str) -> int:
    """Return noon UTC of a day as epoch milliseconds."""
    return int(datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC).timestamp() * 1000)


def card(
    model: str,
    day: str,
    *,
    provider: str = "",
    tier: str = "standard",
    prompt: int = 1_000,
    settings: PriceSettings | None = None,
) -> RateCard:
    """Return the card that prices a request of a day and prompt size."""
    found = card_at(resolve(provider, model, tier, settings).cards, at_ms(day), prompt)
    assert found is not None, f"{model} has no price"
    return found


def dollars(card: RateCard) -> tuple[float, float, float, float, float]:
    """Return a card's token rates in dollars per million: in, read, write 5 m and 1 h, out."""
    rates = (card.input, card.cache_read, card.cache_write_5m, card.cache_write_1h, card.output)
    first, read, short, long, output = (rate / 1e9 for rate in rates)
    return first, read, short, long, output


def cost_usd(model: str, day: str, tokens: tuple[int, ...], tier: str = "standard") -> float:
    """Return what a request with these tokens (as in `dollars`) cost on a day."""
    used = card(model, day, tier=tier, prompt=sum(tokens[:4]))
    return cost_nano(used, tokens[0], tokens[1], tokens[2], tokens[3], tokens[4]) / 1e9
