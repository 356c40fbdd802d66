"""Makes rate cards: standard rates, then the tier, the region and the user's own rates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from typing import Final, NamedTuple

from msgspec import Struct

from tokwatch.model.card import ANY_TOKENS, FOREVER_MS, RateCard, Rates
from tokwatch.prices.catalog import Band, Dated, Price
from tokwatch.prices.lookup import Entry
from tokwatch.prices.settings import Override, nano
from tokwatch.prices.table import TOKEN_RATES, Family, Patch, Region, Table, Tier, multiplied

OWN_SOURCE: Final = "override config.toml"


class Stretch(NamedTuple):
    """A period and a range of prompt sizes within which no rate changes."""

    since_ms: int
    until_ms: int
    above_tokens: int
    upto_tokens: int


class Assembly(Struct, frozen=True):
    """All that decides the cards of one model for one tier."""

    entry: Entry
    table: Table
    tiers: tuple[str, ...]
    override: Override

    def cards(self) -> tuple[RateCard, ...]:
        """Return the cards: together they cover all time and every prompt size, once."""
        cards = [self._card(stretch) for stretch in self._stretches()]
        return tuple(sorted(_joined_sizes(_joined_periods(cards))))

    def unknown(self) -> tuple[str, ...]:
        """Return the tiers and regions for which no price is known."""
        return tuple(
            tier
            for tier in self.tiers
            if tier not in self.entry.model.tiers
            and not any(self._rows(tier))
            and not any(region.region == tier for region in self.table.region)
        )

    def _card(self, stretch: Stretch) -> RateCard:
        standard, sources = self._standard(stretch.since_ms, stretch.above_tokens)
        rates = standard
        for tier in self.tiers:
            tiered, source = self._tiered(tier, stretch, standard)
            rates = _scaled(rates, tiered, standard)
            sources += source
        for region in self._regions():
            rates = multiplied(rates, region.times)
            sources.append(f"prices.toml {region.checked}")
        named = self._named()
        if named:
            # The user's rates are standard ones: tier and region multiply them in the same ratio.
            own = _scaled(standard._replace(**named), rates, standard)._asdict()
            rates = rates._replace(**{name: own[name] for name in named})
            sources = [*sources, OWN_SOURCE] if len(named) < len(TOKEN_RATES) else [OWN_SOURCE]
        return RateCard(*stretch, *rates, source=" + ".join(dict.fromkeys(sources)))

    def _standard(self, instant_ms: int, above_tokens: int) -> tuple[Rates, list[str]]:
        """Return the rates that everybody pays, and where they come from."""
        price = _latest(self.entry.model.prices, instant_ms) or self.entry.model.prices[0]
        rates = self._filled(price.price, above_tokens)
        sources = [self.entry.source]
        for patch in self._patches():
            if patch.holds(instant_ms, above_tokens):
                rates = patch.applied(rates)
                sources.append(f"prices.toml {patch.checked}")
        return rates, sources

    def _tiered(self, tier: str, stretch: Stretch, standard: Rates) -> tuple[Rates, list[str]]:
        """Return the rates of a tier (corrected, published or filled in), and what gave them."""
        since_ms, above = stretch.since_ms, stretch.above_tokens
        rows = [row for row in self._rows(tier) if row.holds(since_ms, above)]
        published = self.entry.model.tiers.get(tier, ())
        for row in rows:
            if row.models or not published:
                return row.applied(standard), [f"prices.toml {row.checked}"]
        if not published:
            return standard, []
        if known := _latest(published, since_ms):
            return self._filled(known.price, above), []
        # A list dates a tier by the day it was checked: before, its ratio of that day holds.
        first = published[0]
        then, _ = self._standard(first.since_ms, above)
        return _scaled(standard, self._filled(first.price, above), then), []

    def _named(self) -> dict[str, int]:
        """Return the rates that the user set."""
        own = {name: getattr(self.override, name) for name in TOKEN_RATES}
        return {name: rate for name, rate in own.items() if rate is not None}

    def _filled(self, price: Price, above_tokens: int) -> Rates:
        """Return published rates at a prompt size, with what follows where none is published."""
        base = _at(price.input, above_tokens, 0)
        output = _at(price.output, above_tokens, 0)
        family = self._family()
        if family:
            times = (family.cache_read, family.cache_write_5m, family.cache_write_1h)
            read, short, long = (round(base * factor) for factor in times)
            web = price.web_search or nano(family.web_search)
        else:
            read = short = base
            long = _at(price.cache_write_5m, above_tokens, base)
            web = price.web_search
        return Rates(
            base,
            _at(price.cache_read, above_tokens, read),
            _at(price.cache_write_5m, above_tokens, short),
            _at(price.cache_write_1h, above_tokens, long),
            output,
            web,
        )

    def _family(self) -> Family | None:
        found = (f for f in self.table.family if f.contains in self.entry.model.id)
        return next(found, None)

    def _stretches(self) -> Iterator[Stretch]:
        dated = [*self.entry.model.prices]
        for tier in self.tiers:
            dated += self.entry.model.tiers.get(tier, ())
        instants = {0, FOREVER_MS, *(item.since_ms for item in dated)}
        sizes = {-1, ANY_TOKENS, *(start for item in dated for start in _steps(item.price))}
        rows = [row for tier in self.tiers for row in self._rows(tier)]
        for span in (*rows, *self._patches()):
            instants.update(span.bounds_ms())
            sizes.update((span.above, span.upto))
        for above, upto in pairwise(sorted(sizes)):
            for since, until in pairwise(sorted(instants)):
                yield Stretch(since, until, above, upto)

    def _patches(self) -> Iterator[Patch]:
        for patch in self.table.rates:
            if (patch.provider, patch.model) == (self.entry.provider, self.entry.model.id):
                yield patch

    def _rows(self, tier: str) -> Iterator[Tier]:
        """Yield the entries about a tier, those that name this model first."""
        for row in sorted(self.table.tier, key=lambda row: not row.models):
            fits = not row.models or self.entry.model.id in row.models
            if fits and tier in row.tiers and row.provider == self.entry.provider:
                yield row

    def _regions(self) -> Iterator[Region]:
        for region in self.table.region:
            asked = region.region in self.tiers and region.provider == self.entry.provider
            if asked and self.entry.model.id not in region.exempt:
                yield region


def _latest(dated: Iterable[Dated], instant_ms: int) -> Dated | None:
    return max(
        (item for item in dated if item.since_ms <= instant_ms),
        key=lambda item: item.since_ms,
        default=None,
    )


def _at(band: Band, above_tokens: int, otherwise: int) -> int:
    """Return a band's rate for prompts of more than so many tokens."""
    rates = [rate for start, rate in band if start <= above_tokens]
    return rates[-1] if rates else otherwise


def _steps(price: Price) -> Iterator[int]:
    bands = (price.input, price.cache_read, price.cache_write_5m, price.cache_write_1h)
    for band in (*bands, price.output):
        yield from (start for start, _ in band)


def _scaled(rates: Rates, new: Rates, old: Rates) -> Rates:
    """Return rates in the ratio of two others, rate by rate."""
    triples = zip(rates, new, old, strict=True)
    return Rates(*((rate * up + down // 2) // down if down else up for rate, up, down in triples))


def _joined_periods(cards: Iterable[RateCard]) -> list[RateCard]:
    """Return cards of one prompt size after the other, equal neighbours in time made one."""
    joined: list[RateCard] = []
    for card in cards:
        last = joined[-1] if joined else None
        if last and last.until_ms == card.since_ms and last[2:] == card[2:]:
            joined[-1] = last._replace(until_ms=card.until_ms)
        else:
            joined.append(card)
    return joined


def _joined_sizes(cards: Iterable[RateCard]) -> list[RateCard]:
    """Return cards with prompt sizes made one where all their periods and rates agree."""
    sizes: list[list[RateCard]] = []
    for _, group in groupby(cards, key=lambda card: card.above_tokens):
        size = list(group)
        before = sizes[-1] if sizes else []
        if [(*c[:2], *c[4:]) for c in before] == [(*c[:2], *c[4:]) for c in size]:
            sizes[-1] = [c._replace(upto_tokens=size[0].upto_tokens) for c in before]
        else:
            sizes.append(size)
    return [card for size in sizes for card in size]
