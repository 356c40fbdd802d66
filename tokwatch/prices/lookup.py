"""Finds the entry of a price list that a logged model name means, or nothing: never a guess."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from tokwatch.prices.catalog import (
    Catalog,
    Dated,
    Model,
    Price,
    Provider,
    begins,
    equals,
    flat,
    matches,
)
from tokwatch.prices.names import clean, read
from tokwatch.prices.settings import nano
from tokwatch.prices.table import Extra, Names, Table

FIRST_PARTY: Final = ("anthropic", "openai", "google", "x-ai")
"""Their closed models cost the same wherever they are sold."""

LIST_PRICE: Final = ("openrouter", "azure", "google")
"""Hosts that pass on the first party's price, whose own list is the fuller one."""

OPEN_WEIGHTS: Final = ("gpt-oss", "gemma")
"""Models of a first party that anyone may host at any price."""

ABROAD: Final = {"zhipuai": "zai"}
"""Vendors with a second list for the rest of the world, which goes first."""


class Entry(NamedTuple):
    """A model of a price list."""

    provider: str
    model: Model
    source: str


def find(catalog: Catalog, table: Table, provider: str, name: str) -> Entry | None:
    """Return the entry that prices a model of a provider, both as logged."""
    host, candidates = read(name)
    lists = {item.id: item for item in catalog.providers}
    told = table.names.hosts.get(clean(provider), clean(provider))
    # Tools name the vendor of the protocol they speak; only another seller is a fact.
    place = host if host and _tells_nothing(told, table.names) else told
    for shelf in dict.fromkeys(_places(lists, table.names, place, candidates)):
        for candidate in candidates:
            if (seller := lists.get(shelf)) and (model := _model(seller, candidate)):
                return Entry(shelf, model, catalog.source)
            for extra in table.model:
                if (extra.provider, extra.model) == (shelf, candidate):
                    return Entry(shelf, _listed(extra), f"prices.toml {extra.checked}")
    return None


def _places(
    lists: dict[str, Provider], names: Names, place: str, candidates: tuple[str, ...]
) -> Iterator[str]:
    """Yield the price lists to look into, the likeliest first."""
    owners = tuple(_owners(lists, names, candidates))
    closed = [owner for owner in owners if owner in FIRST_PARTY and not _open(candidates)]
    if place in LIST_PRICE:
        yield from closed
    yield place
    yield from closed
    if place in lists:
        yield from lists[place].fallbacks
    if _tells_nothing(place, names):
        yield from owners
        if "/" in candidates[0]:
            yield "openrouter"


def _tells_nothing(place: str, names: Names) -> bool:
    return not place or place in names.gateways or place in FIRST_PARTY


def _owners(lists: dict[str, Provider], names: Names, candidates: tuple[str, ...]) -> Iterator[str]:
    """Yield the vendors that a name's prefixes and its look point to."""
    for candidate in candidates:
        yield from (names.hosts[h] for h in candidate.split("/")[:-1] if h in names.hosts)
    for provider in lists.values():
        if any(begins(provider.owns, candidate) for candidate in candidates):
            yield from (ABROAD[provider.id],) if provider.id in ABROAD else ()
            yield provider.id


def _open(candidates: tuple[str, ...]) -> bool:
    return any(mark in candidates[0] for mark in OPEN_WEIGHTS)


def _model(provider: Provider, name: str) -> Model | None:
    """Return the priced model of a list; a name written out goes before a pattern."""
    for test in (equals, matches):
        for model in provider.models:
            if model.prices[-1].price.input and test(model.match, name):
                return model
    return None


def _listed(extra: Extra) -> Model:
    price = Price(
        flat(nano(extra.input)), flat(nano(extra.cache_read)), output=flat(nano(extra.output))
    )
    return Model(extra.model, (), extra.window, (Dated(0, price),))
