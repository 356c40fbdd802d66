"""What the screen of the workbench shows at a moment: a frozen picture of all that is known."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from msgspec import Struct

from tokwatch.analysis.break_even import (
    BreakEven,
    CacheRates,
    CallCost,
    break_even,
    call_cost,
    is_warm,
)
from tokwatch.pages.workbench import EMPTY, ModelUse, WorkbenchPage
from tokwatch.tokens.estimate import Counted
from tokwatch.workbench.answers import ChangeTold, Sums
from tokwatch.workbench.laid import Line
from tokwatch.workbench.state import Bench

NONE = Bench()


class Warmth(Struct, frozen=True):
    """What the change does to a logged session's cache."""

    behind: int
    """Cached tokens behind the first change."""
    is_warm: bool
    sums: BreakEven


class Shown(Struct, frozen=True):
    """The state, what came of it so far, and what is known of its model."""

    bench: Bench = NONE
    counted: Counted | None = None
    """Of the text as it is; an estimate by length until it is counted."""
    sums: Sums | None = None
    """What came of the newest state that was worked out."""
    lines: Sequence[Line] = ()
    changes: Sequence[ChangeTold] = ()
    chosen: int = 0
    """Which change is looked at."""
    page: WorkbenchPage = EMPTY
    problem: str = ""
    is_working: bool = False
    is_split: bool = True

    @property
    def is_empty(self) -> bool:
        """Tell whether there is no prompt."""
        return not self.bench.text

    @property
    def change(self) -> ChangeTold | None:
        """The change that is looked at."""
        return self.changes[self.chosen] if self.chosen < len(self.changes) else None

    @property
    def use(self) -> ModelUse | None:
        """What is known of the model."""
        return self.page.use(self.bench.model)

    @property
    def rates(self) -> CacheRates | None:
        """What the model's tokens cost."""
        return self.use.rates if self.use is not None else None

    @property
    def cost(self) -> CallCost | None:
        """What the prompt costs before and after; None without a price."""
        if self.sums is None or self.use is None or self.rates is None:
            return None
        one = self.use
        return call_cost(self.sums.before, self.sums.after, self.rates, one.mixed, one.calls_a_day)

    @property
    def warmth(self) -> Warmth | None:
        """What a cut does to the cache of the session that the text is from."""
        if self.sums is None or not self.sums.saved:
            return None
        return self.cut(self.sums.saved, max(0, self.sums.after - self.sums.first_change))

    def cut(self, removed: int, behind: int, paid_nano: int = 0) -> Warmth | None:
        """Return what it does to the cache to take tokens away before others of the prompt.

        `paid_nano`: what a model costs for it. None where the text is of no cached session.
        """
        cached, rates = self.bench.origin.cached, self.rates
        if cached is None or rates is None or not rates.is_cached:
            return None
        behind += cached.after
        is_hour = cached.is_hour
        warm = is_warm(cached.last_ms, self.page.now_ms, is_hour=is_hour)
        sums = break_even(removed, behind if warm or not paid_nano else 0, rates, is_hour=is_hour)
        if paid_nano:
            costs = sums.costs_now + paid_nano
            needed = ceil(costs / sums.saves) if sums.saves > 0 else None
            sums = BreakEven(costs, sums.saves, needed)
        return Warmth(behind, warm, sums)
