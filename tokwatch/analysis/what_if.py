"""What-if: what the same tokens would have cost under other models, caches and tiers.

Each request is priced as any other is: by the card of its date and its prompt's size. Tokens are
those that the request's own model counted; another one's tokenizer would count others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from msgspec import Struct, field

from tokwatch.model.card import ANY_TOKENS, FOREVER_MS, RateCard, card_at
from tokwatch.model.event import ModelName
from tokwatch.model.repricing import Bulk, Edges

BATCH: Final = "batch"
"""The tier of requests that may wait."""
THOUSAND: Final = 1000


class Way(StrEnum):
    """How the tokens are sent."""

    CACHED = "as cached"
    """As they were: reads as reads, writes as writes."""
    FRESH = "no cache"
    """All of the prompt as new input."""
    HOUR = "1 h cache"
    """Writes that last an hour in place of five minutes; what they would let read later is not
    known."""
    BATCH = "batch"
    """As they were, in the tier of requests that may wait."""


class Offer(NamedTuple):
    """What a price list says of a model in a tier; without cards it is unpriced."""

    cards: tuple[RateCard, ...]
    priced_as: str
    provider: str
    """The price list."""
    note: str = ""
    is_of_tier: bool = True
    """False where no price of the tier is known, and the cards are the standard ones."""

    @property
    def rates(self) -> tuple[Rate, ...]:
        """The rates of each card, and when they hold."""
        return tuple(_rate(card) for card in self.cards)


class Rate(NamedTuple):
    """What a million tokens of each class cost, in nano-dollars; None is no bound."""

    tokens: tuple[int, ...]
    """Input, cache read, written for 5 minutes, for 1 hour, output."""
    since_ms: int | None
    until_ms: int | None
    above: int | None
    """For prompts of more tokens."""
    upto: int | None
    source: str


def _rate(card: RateCard) -> Rate:
    return Rate(
        tuple(card[4:9]),
        card.since_ms or None,
        card.until_ms if card.until_ms < FOREVER_MS else None,
        card.above_tokens if card.above_tokens >= 0 else None,
        card.upto_tokens if card.upto_tokens < ANY_TOKENS else None,
        card.source,
    )


OfferOf = Callable[[ModelName], Offer]


class Candidate(Struct, frozen=True):
    """A model to reprice with, as its price list names it."""

    model: ModelName
    window: int | None
    """None where no list tells it."""
    is_used: bool = False
    """Whether requests of the slice were made with it."""


class Was(NamedTuple):
    """What the requests of one model cost, and would have cost."""

    model: ModelName
    requests: int
    computed_nano: int
    nano: int
    """As cached, under the candidate."""


class Repriced(Struct, frozen=True):
    """What a slice would have cost under one model; None where a price is not known."""

    candidate: Candidate
    offer: Offer
    nano: dict[Way, int | None]
    too_large: int
    """Requests whose prompts do not fit its window."""
    was: tuple[Was, ...] = ()
    """By the model that the requests were made with."""

    @property
    def order(self) -> tuple[bool, int, str]:
        """What rows are sorted by: the cheapest first, those without a price last."""
        cost = self.nano[Way.CACHED]
        return cost is None, cost or 0, self.candidate.model.name


class WhatIf(Struct, frozen=True):
    """A slice under other models, the cheapest first."""

    rows: tuple[Repriced, ...]
    requests: int
    tokens: int
    nano: int
    """The cost that counts."""
    computed_nano: int
    unpriced: tuple[tuple[str, int], ...] = ()
    """Models of the slice without a computed cost, and how many tokens of theirs."""
    largest: int = 0
    """The largest prompt."""
    unknown: tuple[str, ...] = field(default=())
    """Models asked for of which no price is known."""

    @property
    def missing(self) -> int:
        """Tokens without a computed cost."""
        return sum(tokens for _, tokens in self.unpriced)


def edges_of(offers: Iterable[Offer], windows: Iterable[int]) -> Edges:
    """Return where any of the cards changes, and where any of the windows ends."""
    instants, sizes = set(), set(windows)
    for offer in offers:
        for card in offer.cards:
            instants |= {card.since_ms, card.until_ms}
            sizes |= {card.above_tokens, card.upto_tokens}
    return Edges(
        tuple(sorted(at_ms for at_ms in instants if 0 < at_ms < FOREVER_MS)),
        tuple(sorted(size for size in sizes if 0 <= size < ANY_TOKENS)),
    )


def what_if(bulks: Sequence[Bulk], candidates: Iterable[Candidate], offer_of: OfferOf) -> WhatIf:
    """Return a slice repriced; the bulks are of the edges of all offers and windows."""
    rows = [_repriced(bulks, candidate, offer_of) for candidate in candidates]
    unpriced: dict[str, int] = {}
    for bulk in bulks:
        if bulk.unpriced:
            unpriced[bulk.model.name] = unpriced.get(bulk.model.name, 0) + bulk.unpriced
    return WhatIf(
        tuple(sorted(rows, key=lambda row: row.order)),
        sum(bulk.requests for bulk in bulks),
        sum(_prompt(bulk) + bulk.output for bulk in bulks),
        sum(bulk.nano for bulk in bulks),
        sum(bulk.computed_nano for bulk in bulks),
        tuple(sorted(unpriced.items())),
        max((bulk.largest for bulk in bulks), default=0),
    )


def _prompt(bulk: Bulk) -> int:
    return bulk.input + bulk.cache_read + bulk.cache_write_5m + bulk.cache_write_1h


def _repriced(bulks: Sequence[Bulk], candidate: Candidate, offer_of: OfferOf) -> Repriced:
    plain = offer_of(candidate.model)
    batch = offer_of(candidate.model._replace(tier=BATCH))
    sums: dict[Way, int | None] = dict.fromkeys(Way, 0)
    was: dict[ModelName, Was] = {}
    for bulk in bulks:
        offer = _offer_for(bulk, candidate, plain, offer_of)
        cached = _as_cached(bulk, offer, offer_of)
        costs = {
            Way.CACHED: cached,
            Way.FRESH: _cost(bulk, offer, Way.FRESH),
            Way.HOUR: _cost(bulk, offer, Way.HOUR),
            Way.BATCH: _cost(bulk, batch, Way.BATCH) if batch.is_of_tier else None,
        }
        sums = {way: _added(sums[way], cost) for way, cost in costs.items()}
        if cached is not None:
            known = was.get(bulk.model, Was(bulk.model, 0, 0, 0))
            added = (bulk.requests, bulk.computed_nano, cached)
            both = (one + other for one, other in zip(known[1:], added, strict=True))
            was[bulk.model] = Was(bulk.model, *both)
    window = candidate.window
    return Repriced(
        candidate,
        plain,
        sums,
        sum(bulk.requests for bulk in bulks if window is not None and bulk.above >= window),
        tuple(sorted(was.values(), key=lambda one: (-one.nano, one.model))),
    )


def _offer_for(bulk: Bulk, candidate: Candidate, plain: Offer, offer_of: OfferOf) -> Offer:
    """Return the candidate's offer for a bulk: what was its own request keeps its tier."""
    own = offer_of(bulk.model._replace(tier=candidate.model.tier))
    is_own = own.cards and (own.provider, own.priced_as) == (plain.provider, plain.priced_as)
    return offer_of(bulk.model) if is_own else plain


def _added(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _as_cached(bulk: Bulk, offer: Offer, offer_of: OfferOf) -> int | None:
    """Return what a bulk costs as it was sent; under its own prices what it did cost.

    Most rates are whole nano-dollars a token, and then a sum of requests is priced exactly; where
    one is not, each request was rounded by itself, as only its own cost still tells.
    """
    if not bulk.unpriced and offer_of(bulk.model).cards == offer.cards:
        card = _card(bulk, offer)
        if card is not None and any(rate % (THOUSAND * THOUSAND) for rate in card[4:9]):
            return bulk.computed_nano
    return _cost(bulk, offer, Way.CACHED)


def _card(bulk: Bulk, offer: Offer) -> RateCard | None:
    return card_at(offer.cards, bulk.since_ms, bulk.above + 1)


def _cost(bulk: Bulk, offer: Offer, way: Way) -> int | None:
    """Return what a bulk costs, or None where no card fits."""
    card = _card(bulk, offer)
    if card is None:
        return None
    fresh, read, short, long = bulk[4:8]
    if way is Way.FRESH:
        fresh, read, short, long = _prompt(bulk), 0, 0, 0
    elif way is Way.HOUR:
        short, long = 0, short + long
    counts = (fresh, read, short, long, bulk.output)
    # The store keeps rates per thousand tokens.
    rates = [rate // THOUSAND for rate in card[4:9]]
    cost = sum(count * rate for count, rate in zip(counts, rates, strict=True))
    return (cost + THOUSAND // 2) // THOUSAND + bulk.web_searches * card.web_search
