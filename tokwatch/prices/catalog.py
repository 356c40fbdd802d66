"""A price list in our own small form: what genai-prices knows, as integers, ready to look up."""

from __future__ import annotations

import re
from typing import Final

import msgspec

Band = tuple[tuple[int, int], ...]
"""Pairs (tokens, rate): the rate holds for prompts of more tokens; the first pair has -1."""

Clause = tuple[str, str]
"""What to compare (`=` all, `^` start, `$` end, `~` part, `re` pattern) and with what."""

Matcher = tuple[tuple[Clause, ...], ...]
"""Alternatives, each a conjunction of clauses."""


class Price(msgspec.Struct, frozen=True, array_like=True):
    """Published rates, nano-dollars per million tokens; empty where none is published."""

    input: Band = ()
    cache_read: Band = ()
    cache_write_5m: Band = ()
    cache_write_1h: Band = ()
    output: Band = ()
    web_search: int = 0


class Dated(msgspec.Struct, frozen=True, array_like=True):
    """A price and the instant from which it holds."""

    since_ms: int
    price: Price


class Model(msgspec.Struct, frozen=True, array_like=True):
    """One model of a provider; its first price holds from the beginning."""

    id: str
    match: Matcher
    window: int | None = None
    prices: tuple[Dated, ...] = ()
    tiers: dict[str, tuple[Dated, ...]] = {}
    """Prices of other tiers, each from the day on which it was published."""
    hourly: bool = False
    """True when the price changes within a day; `prices` then holds that of most hours."""


class Provider(msgspec.Struct, frozen=True, array_like=True):
    """A price list: who sells, which names are its own, what it sells for others."""

    id: str
    owns: Matcher = ()
    fallbacks: tuple[str, ...] = ()
    models: tuple[Model, ...] = ()


class Catalog(msgspec.Struct, frozen=True, array_like=True):
    """All price lists, and where they come from."""

    source: str
    providers: tuple[Provider, ...]


def flat(rate: int | None) -> Band:
    """Return the band of a rate that holds for every prompt size; empty for none."""
    return () if rate is None else ((-1, rate),)


_WORDS: Final = r"latest|default|preview|exp|experimental|thinking|stable|instruct|customtools"
_NUMBERS: Final = r"v\d+|20\d{6}|\d{3,4}|0"
_DATES: Final = r"20\d\d-\d\d-\d\d|\d\d-\d\d(?:-20\d\d)?|\d\d-20\d\d"
_TAIL: Final = re.compile(rf"(?:[-@:.](?:{_DATES}|{_WORDS}|{_NUMBERS})|:\d\d?)*")
_YEAR: Final = re.compile(r"[-@]20\d\d$")
_REST_OF_DATE: Final = re.compile(rf"(?:\d{{4}}|-\d\d-\d\d){_TAIL.pattern}")


def matches(matcher: Matcher, name: str) -> bool:
    """Tell whether a name is one of those meant: a longer name is another model."""
    return any(all(_holds(clause, name) for clause in clauses) for clauses in matcher)


def begins(matcher: Matcher, name: str) -> bool:
    """Tell whether a name looks like one of a provider's own, whatever follows."""
    return any(all(_loosely(clause, name) for clause in clauses) for clauses in matcher)


def equals(matcher: Matcher, name: str) -> bool:
    """Tell whether a name is written out in a matcher."""
    return (("=", name),) in matcher


def _holds(clause: Clause, name: str) -> bool:
    how, text = clause
    if how in ("^", "~"):
        return name.startswith(text) and _ends(text, name[len(text) :])
    if how == "$":
        return name == text or (text.startswith("/") and name.endswith(text))
    return _loosely(clause, name)


def _loosely(clause: Clause, name: str) -> bool:
    how, text = clause
    if how == "=":
        return name == text
    if how == "^":
        return name.startswith(text)
    if how == "$":
        return name.endswith(text)
    return text in name if how == "~" else re.search(text, name) is not None


def _ends(text: str, rest: str) -> bool:
    """Tell whether what follows a known start is only a date, a revision or the like."""
    if not rest or text.endswith(("-", "@", ":")):
        return True
    if _YEAR.search(text):
        return _REST_OF_DATE.fullmatch(rest) is not None
    return _TAIL.fullmatch(rest) is not None
