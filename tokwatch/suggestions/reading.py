"""Reads from the store what suggestions are made from."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Final

from tokwatch.analysis.calendar import calendar_of
from tokwatch.analysis.suitable import is_small
from tokwatch.analysis.what_if import BATCH
from tokwatch.config import Config
from tokwatch.model.card import RateCard, card_at
from tokwatch.model.detail import Block, Compaction
from tokwatch.model.event import ModelName
from tokwatch.model.suggestion_facts import Facts, Missed, Offered, Sent, SessionKey
from tokwatch.model.units import DAY_MS
from tokwatch.model.usage import CostMode, Slice
from tokwatch.monitor.what_if import offers
from tokwatch.prices.listed import replacements
from tokwatch.prices.resolve import window
from tokwatch.prices.settings import PriceSettings
from tokwatch.store.read.every import (
    View,
    loose_sessions,
    performance,
    sent_requests,
    session_detail,
)
from tokwatch.zones import find_zone

MOST_SESSIONS: Final = 400
MOST_BLOCKS: Final = 300_000
"""Of the dearest sessions: what is left out cost less."""
MOST_TIMED: Final = 20_000
"""Requests that tell how fast answers come."""
SIZE: Final = 20_000
"""A prompt that tells which of two models is cheaper."""


def facts_of(view: View, config: Config, at_ms: int) -> Facts:
    """Return the facts of the last days."""
    settings = config.suggestions
    part = Slice(at_ms - settings.days * DAY_MS, at_ms + 1)
    mode = CostMode(config.prices.mode)
    sent = _with_loose(view, sent_requests(view, part, mode, settings.requests))
    blocks, cuts = _details(view, sent)
    prices = PriceSettings.from_config(config.prices, config.data)
    models = {one.model for one in sent}
    offer_of = offers(prices)
    return Facts(
        part.since_ms,
        at_ms + 1,
        tuple(sent),
        blocks,
        cuts,
        performance(view, part, mode, min(MOST_TIMED, settings.requests)),
        _offers(models, prices, at_ms),
        {
            model: offer.cards
            for model in models
            if (offer := offer_of(model._replace(tier=BATCH))).is_of_tier and offer.cards
        },
        _missed(view, config, at_ms),
        frozenset(_talkers()),
    )


def _with_loose(view: View, sent: list[Sent]) -> list[Sent]:
    """Return requests with those marked that belong to no conversation."""
    talkers = _talkers()
    unknown = {one.cached.session for one in sent if one.cached.source not in talkers}
    loose = set(loose_sessions(view, sorted(unknown), talkers))
    if not loose:
        return sent
    return [one._replace(is_loose=True) if one.session in loose else one for one in sent]


@lru_cache(maxsize=1)
def _talkers() -> tuple[str, ...]:
    from tokwatch.pages.cache import AGENTS

    return AGENTS


def _details(
    view: View, sent: list[Sent]
) -> tuple[dict[SessionKey, tuple[Block, ...]], dict[SessionKey, tuple[Compaction, ...]]]:
    """Return what the dearest sessions are made of, as far as they were read."""
    costs: dict[SessionKey, int] = {}
    for one in sent:
        costs[one.session] = costs.get(one.session, 0) + one.nano
    blocks: dict[SessionKey, tuple[Block, ...]] = {}
    cuts: dict[SessionKey, tuple[Compaction, ...]] = {}
    read = 0
    for key in sorted(costs, key=lambda key: (-costs[key], key))[:MOST_SESSIONS]:
        if read >= MOST_BLOCKS:
            break
        detail = session_detail(view, *key)
        if detail.blocks:
            blocks[key] = detail.blocks
            read += len(detail.blocks)
        if detail.compactions:
            cuts[key] = detail.compactions
    return blocks, cuts


def _offers(
    used: Collection[ModelName], prices: PriceSettings, at_ms: int
) -> dict[ModelName, tuple[Offered, ...]]:
    """Return what could take each used model's place for less, from the same seller."""
    offer_of = offers(prices)
    own = {offer_of(model).priced_as for model in used}
    sellers = {offer_of(model).provider for model in used} - {""}
    listed = [*(ModelName(one.provider, one.name) for one in used), *replacements(sellers, prices)]
    known: dict[tuple[str, str], Offered] = {}
    for model in listed:
        offer = offer_of(model)
        name = offer.provider, offer.priced_as
        if offer.cards and name not in known:
            known[name] = Offered(
                offer.priced_as,
                offer.provider,
                offer.cards,
                window(model.provider, model.name, prices),
                offer.priced_as in own,
                is_small(offer.priced_as),
            )
    found = {}
    for model in used:
        offer = offer_of(model)
        cost = _usual(offer.cards, at_ms)
        if cost is not None:
            others = [
                (price, one)
                for one in known.values()
                if one.provider == offer.provider
                and (price := _usual(one.cards, at_ms)) is not None
                and price < cost
            ]
            found[model] = tuple(one for _, one in sorted(others, key=lambda one: one[0]))
    return found


def _usual(cards: tuple[RateCard, ...], at_ms: int) -> int | None:
    card = card_at(cards, at_ms, SIZE)
    return None if card is None else 3 * card.input + card.output


def _missed(view: View, config: Config, at_ms: int) -> tuple[Missed, ...]:
    """Return the goals that are not met, where enough of their time has passed."""
    if not config.goal:
        return ()
    from tokwatch.budgets.budgeting import goal_standings

    name, zone = find_zone(config.general.timezone)
    calendar = calendar_of(zone, name, at_ms - 400 * DAY_MS, at_ms + 40 * DAY_MS)
    found = []
    for one in goal_standings(view, config, at_ms, calendar):
        is_late = (at_ms - one.start_ms) * 4 >= one.end_ms - one.start_ms
        if one.is_met is False and is_late and one.value is not None:
            words = f"{one.measure} {_amount(one.unit, one.value)}, target "
            found.append(Missed(one.name, f"{words}{_amount(one.unit, one.target)}"))
    return tuple(found)


def _amount(unit: str, value: float) -> str:
    if unit == "share":
        return f"{value:.0%}"
    return f"${value / 1e9:,.2f}" if unit == "usd" else f"{value:,.0f}"
