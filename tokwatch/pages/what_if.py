"""What-if: a slice of the spending under other models, without cache, in batch."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from tokwatch.analysis.what_if import WhatIf
from tokwatch.facets import Picks, Portion, total
from tokwatch.model import Slice
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight
from tokwatch.prices.settings import PriceSettings
from tokwatch.repricing import Bulk
from tokwatch.store.read import bulks, spending
from tokwatch.what_if import Terms, days_of, repriced, terms_of

TERMS_KEPT_MS: Final = 59_000
"""So long prices and models are not looked up again, nor days that are over read again."""


@dataclass(frozen=True, slots=True)
class WhatIfPage:
    """A slice repriced."""

    what_if: WhatIf
    picks: Picks
    shown: Slice
    pruned: int
    """Requests of the slice of which only sums are stored: they are not repriced."""


@dataclass(frozen=True, slots=True)
class WhatIfAsk:
    """Asks what a slice would have cost."""

    picks: Picks = ()
    memory: Memory = field(default_factory=Memory, compare=False, repr=False)

    def answer(self, sight: Sight) -> WhatIfPage:
        """Return the slice of the shown range repriced."""
        portion = Portion(sight.slice, self.picks, sight.calendar, sight.mode)
        terms = self.memory.recall(
            "terms",
            portion.part.since_ms,
            sight.now_ms,
            TERMS_KEPT_MS,
            lambda: terms_of(sight.view, portion, _settings(sight)),
        )
        found = [bulk for part in days_of(sight.view, portion) for bulk in
                 self._bulks(sight, replace(portion, part=part), terms)]  # fmt: skip
        what_if = repriced(terms, found)
        every = total([cell.amount for cell in spending(sight.view, portion)])
        return WhatIfPage(
            *(what_if, self.picks, portion.part), max(0, every.requests - what_if.requests)
        )

    def _bulks(self, sight: Sight, portion: Portion, terms: Terms) -> list[Bulk]:
        """Return the requests of a day in bulk; those of days that are over are kept a while."""
        today_ms = sight.calendar.begin_ms(sight.calendar.day(sight.at_ms))
        if portion.part.until_ms > today_ms:
            return bulks(sight.view, portion, terms.edges)
        return self.memory.recall(
            ("bulks", portion.part),
            terms.edges,
            sight.now_ms,
            TERMS_KEPT_MS,
            lambda: bulks(sight.view, portion, terms.edges),
        )


def _settings(sight: Sight) -> PriceSettings:
    return PriceSettings.from_config(sight.config.prices, sight.config.data)
