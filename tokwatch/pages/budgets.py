"""Budgets, goals and limits at the shown moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct

from tokwatch.budgets.budgeting import goal_standings, standings
from tokwatch.budgets.limiting import guess, quota_standings, rate_standings
from tokwatch.model.standing import (
    GoalStanding,
    GuessedLimit,
    QuotaStanding,
    RateStanding,
    Standing,
)
from tokwatch.model.units import DAY_MS
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight

RATES_MS: Final = DAY_MS // 2
"""Peaks and simulations of rates are of so long at most."""
KEPT_MS: Final = 1_000
"""Budgets are as old as this at most."""
RATES_KEPT_MS: Final = 5_000
GUESS_KEPT_MS: Final = 60_000


class BudgetsPage(Struct, frozen=True):
    """Everything that has a limit."""

    standings: tuple[Standing, ...]
    """In the order of the settings, the parts of splits behind the plain ones."""
    goals: tuple[GoalStanding, ...]
    quotas: tuple[QuotaStanding, ...]
    rates: tuple[RateStanding, ...]
    guessed: GuessedLimit | None
    has_budgets: bool
    """Whether any budget is set at all: one for each session may stand for none."""
    at_ms: int


EMPTY: Final = BudgetsPage((), (), (), (), None, False, 0)


@dataclass(frozen=True, slots=True)
class BudgetsAsk:
    """Asks how budgets, goals and limits stand."""

    memory: Memory = field(default_factory=Memory, compare=False, repr=False)

    def answer(self, sight: Sight) -> BudgetsPage:
        """Return the page."""
        recall, config, at_ms = self.memory.recall, sight.config, sight.at_ms
        told = (config.budget, config.split, config.goal, config.limits, at_ms < sight.now_ms)
        is_past = at_ms < sight.now_ms
        asked = (repr(told), at_ms if is_past else 0)
        of = (sight.view, config, at_ms, sight.calendar)
        now_ms = sight.now_ms
        since_ms = max(sight.range.start_ms, at_ms - RATES_MS)
        rates = recall(
            "rates",
            (asked, sight.span),
            now_ms,
            RATES_KEPT_MS,
            lambda: rate_standings(sight.view, config, at_ms, since_ms),
        )
        return BudgetsPage(
            recall("budgets", asked, now_ms, KEPT_MS, lambda: standings(*of)),
            recall("goals", asked, now_ms, RATES_KEPT_MS, lambda: goal_standings(*of)),
            quota_standings(sight.view, at_ms),
            rates,
            recall("guess", asked, now_ms, GUESS_KEPT_MS, lambda: guess(*of)),
            bool(config.budget or config.split),
            at_ms,
        )
