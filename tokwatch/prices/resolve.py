"""From a model as logged to its rate cards and its context window."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import ClassVar, Final, NamedTuple

from tokwatch.model.card import ANY_TOKENS, FOREVER_MS, RateCard
from tokwatch.prices.assembly import OWN_SOURCE, Assembly
from tokwatch.prices.catalog import Catalog, Dated, Model, Price, flat
from tokwatch.prices.lookup import Entry, find
from tokwatch.prices.names import clean, has_long_window, is_local, normalise
from tokwatch.prices.settings import Override, PriceSettings
from tokwatch.prices.table import Table, table
from tokwatch.prices.update import catalog

STANDARD: Final = frozenset(("", "standard", "default", "auto", "global", "not_available"))
"""Words for the tier and the region that nobody pays extra for."""

MILLION_WINDOW: Final = 1_000_000


class _Finder:
    """Finds the entries of a price list, each model's once."""

    newest: ClassVar[_Finder | None] = None

    def __init__(self, catalog: Catalog, table: Table) -> None:
        self.catalog, self.table = catalog, table
        self.find = lru_cache(maxsize=4096)(partial(find, catalog, table))

    @classmethod
    def of(cls, catalog: Catalog, table: Table) -> _Finder:
        """Return the finder of a price list, which is the same until another list is in use."""
        known = cls.newest
        if known is None or known.catalog is not catalog or known.table is not table:
            known = cls.newest = cls(catalog, table)
        return known


class Resolution(NamedTuple):
    """What a model costs; no cards means unpriced, and `note` says why."""

    cards: tuple[RateCard, ...]
    priced_as: str
    """The entry of the price list that prices it."""
    provider: str
    """The price list."""
    note: str
    """What to know about the price, in words; empty when it is the plain one."""


def resolve(
    provider: str, model: str, tier: str = "standard", settings: PriceSettings | None = None
) -> Resolution:
    """Return the rate cards of a model as logged, for requests of a tier such as `fast+us`."""
    chosen = settings or PriceSettings()
    seller, name = _target(provider, model, chosen)
    entry = _entry(seller, name, chosen)
    override = _override(chosen, (provider, model), name, entry)
    if override and entry is None:
        entry, override = _own_entry(seller, name, override), None
        if entry is None:
            return _unpriced("No price list has this model: its override needs input and output.")
    if entry:
        return _priced(entry, override, tier)
    if free := _free(seller, name):
        card = RateCard(0, FOREVER_MS, -1, ANY_TOKENS, 0, 0, 0, 0, 0, 0, free)
        return Resolution((card,), name, clean(seller), "")
    if name in table().names.routers:
        return _unpriced("A router's label, not a model: name one in [prices.alias].")
    if not name:
        return _unpriced("The log names no model.")
    return _unpriced("No price list has this model: set [prices.alias] or [prices.override].")


def window(provider: str, model: str, settings: PriceSettings | None = None) -> int | None:
    """Return the context window of a model by its name; None where no list tells it."""
    chosen = settings or PriceSettings()
    seller, name = _target(provider, model, chosen)
    if has_long_window(model) or has_long_window(name):
        return MILLION_WINDOW
    entry = _entry(seller, name, chosen)
    if entry is None:
        return None
    for row in table().window:
        if row.provider == entry.provider and entry.model.id in row.models:
            return row.tokens
    return entry.model.window


def _priced(entry: Entry, override: Override | None, tier: str) -> Resolution:
    asked = (word.strip() for word in tier.lower().split("+"))
    tiers = tuple(dict.fromkeys(word for word in asked if word not in STANDARD))
    assembly = Assembly(entry, table(), tiers, override or Override())
    notes = [f"No price of tier {word} is known: standard rates." for word in assembly.unknown()]
    if entry.model.hourly:
        notes.append("The price changes within a day: that of most hours.")
    return Resolution(assembly.cards(), entry.model.id, entry.provider, " ".join(notes))


def _unpriced(why: str) -> Resolution:
    return Resolution((), "", "", why)


def _target(provider: str, model: str, settings: PriceSettings) -> tuple[str, str]:
    """Return provider and name to look up: those of the alias where the user set one."""
    for key in _keys(provider, model):
        if key in settings.aliases:
            return "", clean(settings.aliases[key])
    return provider, clean(model)


def _keys(provider: str, model: str) -> tuple[str, ...]:
    """Return the names under which the user may have spoken of a model."""
    return (clean(model), f"{clean(provider)}/{clean(model)}", *normalise(model))


def _entry(seller: str, name: str, settings: PriceSettings) -> Entry | None:
    if not name or name in table().names.routers or _free(seller, name):
        return None
    return _Finder.of(catalog(settings.folder), table()).find(seller, name)


def _override(
    settings: PriceSettings, logged: tuple[str, str], name: str, entry: Entry | None
) -> Override | None:
    keys = (*_keys(*logged), *_keys("", name), entry.model.id.lower() if entry else "")
    return next((settings.overrides[key] for key in keys if key in settings.overrides), None)


def _own_entry(seller: str, name: str, override: Override) -> Entry | None:
    """Return the user's own rates as an entry, where they are enough to price a request."""
    if override.input is None or override.output is None:
        return None
    own = override
    price = Price(
        flat(own.input),
        flat(own.cache_read),
        flat(own.cache_write_5m),
        flat(own.cache_write_1h),
        flat(own.output),
    )
    model = Model(name, (), None, (Dated(0, price),))
    return Entry(clean(seller), model, OWN_SOURCE)


def _free(seller: str, name: str) -> str:
    """Return why a model costs nothing, or an empty text."""
    if is_local(seller, name):
        return "free (local)"
    return "free (:free)" if name.endswith(":free") else ""
