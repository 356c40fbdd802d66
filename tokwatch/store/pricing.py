"""What an event costs by the rate cards in the store, which are resolved once for each model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from tokwatch.model.event import Grade
from tokwatch.store.connect import Database
from tokwatch.store.merge import Counted

_DERIVED: Final = Grade.DERIVED.value


class Rates(NamedTuple):
    """A row of `card`: nano-dollars per thousand tokens, for a period and a size of prompt."""

    since_ms: int
    until_ms: int
    above_tokens: int
    upto_tokens: int
    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    web_search: int
    """Nano-dollars for one search."""


class RateCards:
    """The cards of each model, read from the store when first needed."""

    def __init__(self, database: Database, workspace: int) -> None:
        """Start with none."""
        self._database = database
        self._workspace = workspace
        self._by_model: dict[int, tuple[Rates, ...]] = {}

    def forget(self) -> None:
        """Drop what is known: the cards in the store have changed."""
        self._by_model.clear()

    def of(self, model: int) -> tuple[Rates, ...]:
        """Return the cards of a model, by its row id; none means unpriced."""
        cards = self._by_model.get(model)
        if cards is None:
            rows = self._database.rows(
                f"SELECT {', '.join(Rates._fields)} FROM card WHERE workspace = ? AND model = ?",
                (self._workspace, model),
            )
            cards = self._by_model[model] = tuple(Rates._make(row) for row in rows)
        return cards

    def cost(self, event: Counted) -> int | None:
        """Return an event's cost in nano-dollars, or None where no card fits."""
        return nano_of(
            *(self.of(event.model), event.instant_ms, event.grade, event.requests, event.input),
            *(event.cache_read, event.cache_write_5m, event.cache_write_1h, event.output),
            event.web_searches,
        )


def nano_of(
    cards: Iterable[Rates],
    instant_ms: int,
    grade: int,
    requests: int,
    fresh: int | None,
    read: int | None,
    short: int | None,
    long: int | None,
    output: int | None,
    searches: int,
) -> int | None:
    """Return what requests cost by the one card that fits, in nano-dollars; None without one.

    The sum of several requests has the rates of its mean prompt, growth of a total those of
    a small one: how large each prompt was is not known.
    """
    fresh, read, short, long = fresh or 0, read or 0, short or 0, long or 0
    prompt = 0 if grade == _DERIVED else fresh + read + short + long
    if requests > 1:
        prompt //= requests
    for since, until, above, upto, _fresh, _read, _short, _long, _output, _search in cards:
        if since <= instant_ms < until and above < prompt <= upto:
            return (
                fresh * _fresh
                + read * _read
                + short * _short
                + long * _long
                + (output or 0) * _output
                + 500
            ) // 1000 + searches * _search
    return None
