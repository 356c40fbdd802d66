"""What-if: a slice of the spending under other models, without cache, in batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.analysis.what_if import WhatIf
from tokwatch.model.facets import Picks, Portion, total
from tokwatch.model.repricing import Bulk
from tokwatch.model.usage import Slice
from tokwatch.monitor.what_if import USED, Terms, repriced, terms_of
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight
from tokwatch.pages.spent import spent_by
from tokwatch.pages.stretches import Kept, Stretch, stretches
from tokwatch.prices.settings import PriceSettings
from tokwatch.store.read.every import bulks

TERMS_KEPT_MS: Final = 59_000
"""So long prices and models are not looked up again."""
PAGE_KEPT_MS: Final = 5_000
"""Nobody waits for the next request here, and pricing it under every model takes long."""
FEW: Final = 5_000
"""Up to so many requests are priced anew with each that arrives."""
ROUNDS: Final = 3
"""How often an answer reads as much as one may: nothing else of it takes time by then."""


class WhatIfPage(Struct, frozen=True):
    """A slice repriced, or how far it has been read."""

    what_if: WhatIf | None
    """None while there is more to read: then the same is to be asked again."""
    picks: Picks
    shown: Slice
    pruned: int
    """Requests of the slice of which only sums are stored: they are not repriced."""
    read: int
    """Requests of the range that have been looked at."""
    requests: int

    @property
    def goes_on(self) -> bool:
        """Tell whether more is to come without anything new."""
        return self.what_if is None


@dataclass(frozen=True, slots=True)
class WhatIfAsk:
    """Asks what a slice would have cost."""

    picks: Picks = ()
    memory: Memory = field(default_factory=Memory, compare=False, repr=False)
    kept: Kept[list[Bulk]] = field(default_factory=Kept, compare=False, repr=False)

    def answer(self, sight: Sight) -> WhatIfPage:
        """Return the slice of the shown range repriced; of now it is a few seconds old at most."""
        portion = Portion(sight.slice, self.picks, sight.calendar, sight.mode)
        shown_ms = sight.at_ms if sight.at_ms < sight.now_ms else None
        asked = (sight.view.database.name, sight.span, sight.range.start_ms, shown_ms)
        terms = self.memory.recall(
            "terms",
            asked,
            sight.now_ms,
            TERMS_KEPT_MS,
            lambda: terms_of(spent_by(sight, self.memory, portion, USED), _settings(sight)),
        )
        wanted = stretches(sight, self.memory)
        found = self._bulks(sight, portion, terms, wanted)
        read = sum(one.events for one, of in zip(wanted, found, strict=True) if of is not None)
        part = WhatIfPage(
            *(None, self.picks, portion.part, 0, read), sum(one.events for one in wanted)
        )
        if any(one is None for one in found):
            return part
        return self.memory.recall(
            "page",
            (*asked, part.requests if part.requests <= FEW else None),
            sight.now_ms,
            PAGE_KEPT_MS,
            lambda: _priced(sight, self.memory, portion, terms, part, found),
        )

    def _bulks(
        self, sight: Sight, portion: Portion, terms: Terms, wanted: Sequence[Stretch]
    ) -> list[list[Bulk] | None]:
        """Return what is known of each stretch, after reading some more."""

        def read(stretch: Stretch) -> list[Bulk]:
            within = Slice(stretch.since_ms, stretch.until_ms)
            return bulks(sight.view, replace(portion, part=within), terms.edges)

        of = (sight.view, sight.mode, terms.edges)
        for _ in range(ROUNDS - 1):
            self.kept.fill(wanted, of, read)
        return self.kept.fill(wanted, of, read)


def _priced(
    sight: Sight,
    memory: Memory,
    portion: Portion,
    terms: Terms,
    page: WhatIfPage,
    found: Sequence[list[Bulk] | None],
) -> WhatIfPage:
    what_if = repriced(terms, (bulk for some in found if some for bulk in some))
    every = total([cell.amount for cell in spent_by(sight, memory, portion, ())])
    return replace(page, what_if=what_if, pruned=max(0, every.requests - what_if.requests))


def _settings(sight: Sight) -> PriceSettings:
    return PriceSettings.from_config(sight.config.prices, sight.config.data)
