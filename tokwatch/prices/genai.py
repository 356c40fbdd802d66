"""Reads genai-prices into our own catalog; the only module that imports it, in its own process.

`python -m tokwatch.prices.genai [seconds [address]]` writes the catalog to stdout: the
installed one, or with a number of seconds the one downloaded within that time.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tokwatch.prices.catalog import Band, Catalog, Dated, Matcher, Model, Price, Provider, flat
from tokwatch.prices.settings import nano

if TYPE_CHECKING:
    from genai_prices import types

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

SAMPLES: Final = tuple(timedelta(minutes=30 * step) for step in range(48))
"""Times of day at which a price that changes within a day is looked at."""

CONTEXTS: Final = {
    "batch": (("processing", "batch"), ("service_tier", "batch")),
    "flex": (("service_tier", "flex"),),
    "priority": (("service_tier", "priority"), ("service_tier", "fast")),
    "fast": (("speed", "fast"), ("service_tier", "fast"), ("service_tier", "priority")),
}
"""How genai-prices names each tier: the first that a model knows."""

_SIGNS: Final = {"equals": "=", "starts_with": "^", "ends_with": "$", "contains": "~"}


def installed() -> Catalog:
    """Return the price list inside the installed genai-prices."""
    import genai_prices
    from genai_prices.data import providers

    return _catalog(f"genai-prices {genai_prices.__version__}", providers)


def downloaded(timeout_s: float, address: str = "") -> Catalog:
    """Return the newest price list from the network, or raise what went wrong."""
    from genai_prices import UpdatePrices

    updater = UpdatePrices(url=address) if address else UpdatePrices()
    updater.request_timeout = type(updater.request_timeout)(timeout_s)
    snapshot = updater.fetch()
    return _catalog("genai-prices update", snapshot.providers if snapshot else ())


def _catalog(source: str, providers: Iterable[types.Provider]) -> Catalog:
    return Catalog(source, tuple(_provider(provider) for provider in providers))


def _provider(provider: types.Provider) -> Provider:
    return Provider(
        provider.id,
        _matcher(provider.model_match),
        tuple(provider.fallback_model_providers or ()),
        tuple(_model(model) for model in provider.models),
    )


def _model(model: types.ModelInfo) -> Model:
    tiers = {tier: _tier(model, pairs) for tier, pairs in CONTEXTS.items()}
    return Model(
        model.id,
        _matcher(model.match),
        model.context_window,
        _periods(model, (EPOCH, *_changes(model.prices))),
        {tier: prices for tier, prices in tiers.items() if prices},
        _hourly(model),
    )


def _tier(model: types.ModelInfo, pairs: Iterable[tuple[str, str]]) -> tuple[Dated, ...]:
    for key, value in pairs:
        variants = [
            variant
            for variant in model.price_variants or ()
            if variant.when == {key: value} and variant.prices.__dict__
        ]
        if variants:
            opened = [next(_changes([variant]), EPOCH) for variant in variants]
            instants = (*opened, *_changes(model.prices))
            known = [instant for instant in instants if instant >= min(opened)]
            return _periods(model, known, {key: value})
    return ()


def _periods(
    model: types.ModelInfo, instants: Iterable[datetime], context: dict[str, str] | None = None
) -> tuple[Dated, ...]:
    """Return the prices from the first instant on, one entry for each change."""
    periods: list[Dated] = []
    for instant in sorted(set(instants)):
        price = _usual_price(model, instant, context)
        if not periods or periods[-1].price != price:
            periods.append(Dated(int(instant.timestamp()) * 1000, price))
    return tuple(periods)


def _usual_price(model: types.ModelInfo, day: datetime, context: dict[str, str] | None) -> Price:
    """Return the price of a day: where it changes by the hour, the one of most hours."""
    if not _hourly(model):
        return _price(model.get_prices(day, context))
    prices = [_price(model.get_prices(day + sample, context)) for sample in SAMPLES]
    return max(prices, key=prices.count)


def _changes(prices: object) -> Iterator[datetime]:
    for constraint in _constraints(prices):
        start = getattr(constraint, "start_date", None)
        if start is not None:
            yield datetime.combine(start, time(), UTC)


def _hourly(model: types.ModelInfo) -> bool:
    return any(hasattr(constraint, "start_time") for constraint in _constraints(model.prices))


def _constraints(prices: object) -> Iterator[object]:
    if isinstance(prices, list):
        yield from (getattr(item, "constraint", None) for item in prices)


def _price(price: types.ModelPrice) -> Price:
    writes = _band(price.cache_write_mtok)
    web = price.web_searches_kcount
    return Price(
        _band(price.input_mtok),
        _band(price.cache_read_mtok),
        _band(price.cache_write_5m_mtok) or writes,
        _band(price.cache_write_1h_mtok),
        _band(price.output_mtok),
        nano(web / 1000) if isinstance(web, Decimal) else 0,
    )


def _band(value: Decimal | types.TieredPrices | None) -> Band:
    if value is None:
        return ()
    if isinstance(value, Decimal):
        return flat(nano(value))
    return ((-1, nano(value.base)), *((tier.start, nano(tier.price)) for tier in value.tiers))


def _matcher(logic: object) -> Matcher:
    """Return a tree of and/or clauses as alternatives of conjunctions."""
    clauses: dict[str, object] = getattr(logic, "__dict__", {})
    for name, value in clauses.items():
        if name == "or_" and isinstance(value, list):
            return tuple(clause for part in value for clause in _matcher(part))
        if name == "and_" and isinstance(value, list):
            joined: Matcher = ((),)
            for part in value:
                joined = tuple((*left, *right) for left in joined for right in _matcher(part))
            return joined
        if name == "regex":
            return ((("re", re.compile(str(value)).pattern),),)
        if name in _SIGNS:
            return (((_SIGNS[name], str(value).lower()),),)
    return ()


def main(arguments: list[str]) -> int:
    """Write the encoded catalog to stdout."""
    import msgspec

    catalog = downloaded(float(arguments[0]), *arguments[1:]) if arguments else installed()
    sys.stdout.buffer.write(msgspec.json.encode(catalog))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
