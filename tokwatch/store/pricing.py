"""What an event costs by the rate cards in the store, which are resolved once for each model."""

from __future__ import annotations

from typing import Final, NamedTuple

from tokwatch.model.event import Grade
from tokwatch.store.connect import Database
from tokwatch.store.merge import Counted

_ANY: Final = 2**62
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

    @property
    def always_fits(self) -> bool:
        """Tell whether the card holds on every date and for every prompt."""
        return (
            self.since_ms <= 0
            and self.until_ms >= _ANY
            and self.above_tokens < 0
            and self.upto_tokens >= _ANY
        )


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
        """Return an event's cost in nano-dollars, or None where no card fits.

        The sum of several requests has the rates of its mean prompt, growth of a total those of
        a small one: how large each prompt was is not known.
        """
        fresh, read, output = event.input or 0, event.cache_read or 0, event.output or 0
        short, long = event.cache_write_5m or 0, event.cache_write_1h or 0
        prompt = 0 if event.grade == _DERIVED else fresh + read + short + long
        if event.requests > 1:
            prompt //= event.requests
        for card in self.of(event.model):
            if (
                card.since_ms <= event.instant_ms < card.until_ms
                and card.above_tokens < prompt <= card.upto_tokens
            ):
                return (
                    fresh * card.input
                    + read * card.cache_read
                    + short * card.cache_write_5m
                    + long * card.cache_write_1h
                    + output * card.output
                    + 500
                ) // 1000 + event.web_searches * card.web_search
        return None
