"""Reads requests in bulk and reprices them: what the screen and the command share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.analysis.what_if import BATCH, Candidate, Offer, OfferOf, WhatIf, edges_of, what_if
from tokwatch.model.event import ModelName
from tokwatch.model.facets import Facet, Portion, Spending
from tokwatch.model.repricing import Bulk, Edges, gathered
from tokwatch.model.usage import Slice
from tokwatch.prices.listed import replacements
from tokwatch.prices.resolve import resolve, window
from tokwatch.prices.settings import PriceSettings
from tokwatch.store.read.every import View, bounds, bulks, spending

USED: Final = (Facet.PROVIDER, Facet.MODEL, Facet.TIER)
NO_TIER: Final = f"No price of tier {BATCH} is known"


class Terms(Struct, frozen=True):
    """What a slice is repriced with."""

    candidates: tuple[Candidate, ...]
    offer_of: OfferOf
    edges: Edges
    unknown: tuple[str, ...] = ()
    """Models asked for of which no price is known."""


def terms_of(
    cells: Sequence[Spending], settings: PriceSettings, names: Sequence[str] = ()
) -> Terms:
    """Return what to reprice spending with, told by USED: models named, else all of use."""
    offer_of = offers(settings)
    used = [ModelName(*map(str, cell.group)) for cell in cells]
    own = {_identity(offer_of(model._replace(tier="standard"))) for model in used}
    wanted = [ModelName("", name) for name in names]
    if not wanted:
        sellers = {provider for provider, _ in own if provider}
        wanted = [*replacements(sellers, settings), *(ModelName(*model[:2]) for model in used)]
    known: dict[tuple[str, str], Candidate] = {}
    for model in wanted:
        offer = offer_of(model)
        if offer.cards and _identity(offer) not in known:
            size = window(model.provider, model.name, settings)
            name = ModelName(offer.provider, offer.priced_as)
            known[_identity(offer)] = Candidate(name, size, _identity(offer) in own)
    candidates = tuple(known.values())
    models = {*used, *(one.model for one in candidates)}
    all_offers = [offer_of(model) for model in models]
    all_offers += [offer_of(one.model._replace(tier=BATCH)) for one in candidates]
    windows = [one.window for one in candidates if one.window is not None]
    unknown = tuple(model.name for model in wanted if names and not offer_of(model).cards)
    return Terms(candidates, offer_of, edges_of(all_offers, windows), unknown)


def _identity(offer: Offer) -> tuple[str, str]:
    return offer.provider, offer.priced_as


def offers(settings: PriceSettings) -> OfferOf:
    """Return what tells the offer of a model; it remembers."""

    @lru_cache(maxsize=4096)
    def offer_of(model: ModelName) -> Offer:
        found = resolve(*model, settings)
        is_of_tier = not found.note.startswith(NO_TIER)
        return Offer(found.cards, found.priced_as, found.provider, found.note, is_of_tier)

    return offer_of


def days_of(view: View, portion: Portion) -> Iterator[Slice]:
    """Yield the days of a portion that may hold requests, as slices of it."""
    ends = bounds(view, portion.part)
    if ends is None:
        return
    part, calendar = portion.part, portion.calendar
    for day in range(calendar.day(ends[0]), calendar.day(ends[1]) + 1):
        since_ms = max(part.since_ms, calendar.begin_ms(day))
        until_ms = min(part.until_ms, calendar.begin_ms(day + 1))
        if since_ms < until_ms:
            yield replace(part, since_ms=since_ms, until_ms=until_ms)


def repriced(terms: Terms, found: Iterable[Bulk]) -> WhatIf:
    """Return the bulks repriced."""
    return replace(
        what_if(gathered(found), terms.candidates, terms.offer_of), unknown=terms.unknown
    )


def reprice(
    view: View, portion: Portion, settings: PriceSettings, names: Sequence[str] = ()
) -> WhatIf:
    """Return a portion repriced, read day by day: sorting a whole history would take longer."""
    terms = terms_of(spending(view, portion, USED), settings, names)
    found = [
        bulk
        for part in days_of(view, portion)
        for bulk in bulks(view, replace(portion, part=part), terms.edges)
    ]
    return repriced(terms, found)
