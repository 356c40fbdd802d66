"""Reads prices.toml: corrections and additions to the price list, each with date and source."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Final

import msgspec

from tokwatch.model.card import ANY_TOKENS, FOREVER_MS, Rates
from tokwatch.prices.settings import nano
from tokwatch.prices.version import CORRECTIONS

RATES: Final = Rates._fields

TOKEN_RATES: Final = RATES[:5]
"""All but the web search."""


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    checked: date
    source: str


class Family(_Row, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Rates as multiples of input, for models whose list publishes none."""

    contains: str
    cache_read: Decimal
    cache_write_5m: Decimal
    cache_write_1h: Decimal
    web_search: Decimal


class Extra(_Row, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A model that no price list has."""

    provider: str
    model: str
    input: Decimal
    output: Decimal
    cache_read: Decimal
    window: int


class _Span(_Row, frozen=True, forbid_unknown_fields=True, kw_only=True):
    since: date = date(1970, 1, 1)
    until: date | None = None
    above: int = -1
    upto: int = ANY_TOKENS

    def holds(self, since_ms: int, above_tokens: int) -> bool:
        """Tell whether it holds for a stretch that starts at these two bounds."""
        start_ms, end_ms = self.bounds_ms()
        return start_ms <= since_ms < end_ms and self.above <= above_tokens < self.upto

    def bounds_ms(self) -> tuple[int, int]:
        """Return the first instant and the first after the end."""
        return _midnight_ms(self.since), _midnight_ms(self.until) if self.until else FOREVER_MS


class Patch(_Span, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Single rates of one model, instead of those of the price list."""

    provider: str
    model: str
    input: Decimal | None = None
    cache_read: Decimal | None = None
    cache_write_5m: Decimal | None = None
    cache_write_1h: Decimal | None = None
    output: Decimal | None = None
    web_search: Decimal | None = None

    def applied(self, rates: Rates) -> Rates:
        """Return rates with those that it names replaced."""
        named = {name: getattr(self, name) for name in RATES}
        return rates._replace(**{name: nano(v) for name, v in named.items() if v is not None})


class Tier(_Span, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A multiple of the standard rates for requests of a tier."""

    tiers: tuple[str, ...]
    provider: str
    times: Decimal
    models: tuple[str, ...] = ()
    rates: tuple[str, ...] = TOKEN_RATES

    def applied(self, rates: Rates) -> Rates:
        """Return the rates of this tier, from the standard ones."""
        return multiplied(rates, self.times, self.rates)


class Region(_Row, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A multiple of all token rates for requests that had to stay in a region."""

    region: str
    provider: str
    times: Decimal
    exempt: tuple[str, ...] = msgspec.field(name="except", default=())


class Windows(_Row, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The context window of models whose list does not tell it."""

    provider: str
    models: tuple[str, ...]
    tokens: int


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the words before a model's name, and in place of one, stand for."""

    hosts: dict[str, str]
    gateways: frozenset[str]
    local: frozenset[str]
    routers: frozenset[str]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of prices.toml."""

    names: Names
    family: tuple[Family, ...]
    rates: tuple[Patch, ...]
    model: tuple[Extra, ...]
    tier: tuple[Tier, ...]
    region: tuple[Region, ...]
    window: tuple[Windows, ...]


def multiplied(rates: Rates, times: Decimal, names: tuple[str, ...] = TOKEN_RATES) -> Rates:
    """Return rates with the named ones multiplied; web searches are not tokens."""
    values: Mapping[str, int] = rates._asdict()
    return rates._replace(**{name: round(values[name] * times) for name in names})


@lru_cache(maxsize=1)
def table() -> Table:
    """Return the shipped corrections."""
    return parsed(CORRECTIONS.read_text(encoding="utf-8"))


def parsed(text: str) -> Table:
    """Return the table that a text in the form of prices.toml holds."""
    import tomllib

    return msgspec.convert(tomllib.loads(text, parse_float=Decimal), Table)


def _midnight_ms(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp()) * 1000
