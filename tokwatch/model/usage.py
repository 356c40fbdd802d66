"""Summed usage: tokens by class, money, and what it is grouped and cut by."""

from __future__ import annotations

from enum import StrEnum
from operator import add, attrgetter, sub
from typing import Final, NamedTuple

from msgspec import Struct

from tokwatch.model.units import OPEN_END_MS


class CostMode(StrEnum):
    """Which of the two costs of an event counts."""

    AUTO = "auto"
    """The logged cost where there is one, else the computed one."""
    CALCULATE = "calculate"
    """Always computed from tokens."""
    DISPLAY = "display"
    """Only what was logged."""


class Usage(Struct, frozen=True):
    """Summed usage: tokens by class, money in nano-dollars, and how far it can be trusted."""

    requests: int = 0
    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0
    web_searches: int = 0
    logged_nano: int = 0
    computed_nano: int = 0
    auto_nano: int = 0
    unpriced_tokens: int = 0
    """Tokens without a computed cost."""
    uncosted_tokens: int = 0
    """Tokens with neither a computed nor a logged cost."""
    lower_bound: int = 0
    """Requests whose counts may still be lower than what was billed."""
    blind_prompt: int = 0
    """Prompt tokens of requests whose source does not tell cache reads."""
    derived: int = 0
    """Requests whose counts are the growth of a total, or a share of one, not a record's own."""

    @property
    def cache_write(self) -> int:
        """Tokens written to the cache, whatever their time to live."""
        return self.cache_write_5m + self.cache_write_1h

    @property
    def prompt(self) -> int:
        """Prompt tokens: input, cache reads and cache writes."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h

    @property
    def total(self) -> int:
        """All tokens; reasoning is inside output."""
        return self.prompt + self.output

    @property
    def hit_rate(self) -> float | None:
        """Share of the prompt read from the cache; None where nothing is known."""
        known = self.prompt - self.blind_prompt
        return self.cache_read / known if known > 0 else None

    def cost_nano(self, mode: CostMode = CostMode.AUTO) -> int:
        """Return the cost under a cost mode, in nano-dollars."""
        if mode is CostMode.CALCULATE:
            return self.computed_nano
        return self.logged_nano if mode is CostMode.DISPLAY else self.auto_nano

    def missing(self, mode: CostMode = CostMode.AUTO) -> int:
        """Return the tokens without a cost under a cost mode; as logged, none is missing."""
        if mode is CostMode.DISPLAY:
            return 0
        return self.uncosted_tokens if mode is CostMode.AUTO else self.unpriced_tokens

    def __add__(self, other: Usage) -> Usage:
        """Return the sums, field by field."""
        return Usage(*map(add, _FIGURES(self), _FIGURES(other)))

    def __sub__(self, other: Usage) -> Usage:
        """Return what is left without a part of it, field by field."""
        return Usage(*map(sub, _FIGURES(self), _FIGURES(other)))


_FIGURES: Final = attrgetter(*Usage.__struct_fields__)
"""All fields of a usage at once: a third of the time of one after the other."""

NO_USAGE: Final = Usage()


class Dimension(StrEnum):
    """What usage can be grouped by."""

    QUARTER = "quarter"
    DAY = "day"
    SOURCE = "source"
    PROVIDER = "provider"
    MODEL = "model"
    TIER = "tier"
    PROJECT = "project"
    BRANCH = "branch"
    SESSION = "session"
    AGENT = "agent"
    KIND = "kind"
    USER = "user"
    KEY = "key"
    """The API key, by its name."""
    TAG = "tag"
    MACHINE = "machine"


class Slice(Struct, frozen=True):
    """Which part of the history: a half-open range (UTC ms) and filters (empty means all)."""

    since_ms: int = 0
    until_ms: int = OPEN_END_MS
    sources: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()


class Cell(Struct, frozen=True):
    """Usage of one group: `group` holds the values in the order of the dimensions asked for.

    A QUARTER is the UTC start of the quarter-hour in epoch milliseconds, as an int;
    a DAY is the number of days since 1970-01-01 in the calendar asked for; a KIND is "main",
    the tool's name for a sort of sub-agent, or "sub-agent" where it tells none.
    """

    group: tuple[str | int, ...]
    usage: Usage


class Rates(NamedTuple):
    """What a model's tokens cost in a period: nano-dollars a thousand, or a web search each."""

    model: str
    since_ms: int
    until_ms: int
    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    web_search: int
