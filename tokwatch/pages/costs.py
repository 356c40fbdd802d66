"""Costs: spending by any two facets against the range before, by the hour of the week, and how
fast it goes; down to the single request.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct

from tokwatch.analysis.calendar import WEEKDAYS
from tokwatch.analysis.costs import CostTable, HeatMap, cost_table, heat_map
from tokwatch.model.facets import Facet, Picks, Portion, Spending, Unit
from tokwatch.model.snapshot import Span
from tokwatch.model.stored import EventFact
from tokwatch.model.units import DAY_MS, QUARTER_MS
from tokwatch.model.usage import Slice
from tokwatch.pages.burn import Burning, burning
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight
from tokwatch.pages.spent import all_spent_by, spent_by
from tokwatch.store.cuts import DAYS_AT_ONCE
from tokwatch.store.read.every import slice_events, spending

MOST_REQUESTS: Final = 500
"""Requests of a slice that are listed, the newest."""
TABLE_KEPT_MS: Final = 1_000
HEAT_DAYS: Final = 28
"""Days that the heat map shows at least: fewer tell no pattern."""
GROWS_DAYS: Final = 92
"""Of a longer range the first answer's heat map is of those weeks alone."""
PARTS_AT_ONCE: Final = 6
"""By so many times four weeks it grows with each answer: about half a year."""


class CostsPage(Struct, frozen=True):
    """The answer to a question about costs."""

    table: CostTable
    unit: Unit
    picks: Picks
    shown: Slice
    before: Slice | None
    """The range that it is compared with; None where all of history is shown."""
    heat: HeatMap
    burning: Burning
    events: tuple[EventFact, ...] | None
    """The newest requests of the slice, where they were asked for."""
    goes_on: bool = False
    """Whether the next answer's heat map is of more weeks."""


@dataclass(frozen=True, slots=True)
class CostsAsk:
    """Asks what was spent on what."""

    rows: Facet = Facet.PROJECT
    columns: Facet | None = Facet.MODEL
    unit: Unit = Unit.COST
    picks: Picks = ()
    lists_requests: bool = False
    memory: Memory = field(default_factory=Memory, compare=False, repr=False)

    def answer(self, sight: Sight) -> CostsPage:
        """Return the spending of the shown range; of a long one the heat map is whole later."""
        shown, before = shown_range(sight), range_before(sight)
        whole_ms, since_ms = self._heat_begins(sight, shown)
        return CostsPage(
            *(self._kept_table(sight, shown, before), self.unit, self.picks, shown, before),
            self._heat(sight, Slice(since_ms, shown.until_ms)),
            burning(sight, self.memory, self.picks),
            self._requests(sight, shown) if self.lists_requests else None,
            since_ms > whole_ms,
        )

    def _heat_begins(self, sight: Sight, shown: Slice) -> tuple[int, int]:
        """Return when the heat map begins, and when it does so far: each answer has more weeks."""
        begin_ms, today = sight.calendar.begin_ms, sight.calendar.day(sight.at_ms)
        weeks_ms = begin_ms(today - HEAT_DAYS + 1)
        whole_ms = min(shown.since_ms, weeks_ms)
        if shown.until_ms - shown.since_ms <= GROWS_DAYS * DAY_MS:
            return whole_ms, whole_ms
        answers = self.memory.times_asked((sight.view.database.name, self.picks))
        first = today // DAYS_AT_ONCE - answers * PARTS_AT_ONCE
        since_ms = begin_ms(first * DAYS_AT_ONCE) if answers else weeks_ms
        return whole_ms, max(whole_ms, since_ms)

    def _kept_table(self, sight: Sight, shown: Slice, before: Slice | None) -> CostTable:
        """Return the table; of many days, which may have many lines, once a second."""
        if not sight.range.is_by_day:
            return self._table(sight, shown, before)
        return self.memory.recall(
            ("table", self.rows, self.columns, self.unit, self.picks),
            (shown.since_ms, sight.at_ms if sight.at_ms < sight.now_ms else None),
            sight.now_ms,
            TABLE_KEPT_MS,
            lambda: self._table(sight, shown, before),
        )

    def _table(self, sight: Sight, shown: Slice, before: Slice | None) -> CostTable:
        by = (self.rows, self.columns) if self.columns else (self.rows,)
        earlier = None if before is None else self._spent(sight, before, (self.rows,))
        now = self._spent(sight, shown, by)
        return cost_table(now, earlier, self.rows, self.columns, self.unit)

    def _portion(self, sight: Sight, part: Slice) -> Portion:
        return Portion(part, self.picks, sight.calendar, sight.mode)

    def _spent(self, sight: Sight, part: Slice, by: tuple[Facet, ...]) -> list[Spending]:
        portion = self._portion(sight, part)
        if is_fine(sight):
            return spending(sight.view, portion, by, is_exact=True)
        read = all_spent_by if sight.span is Span.ALL else spent_by
        return read(sight, self.memory, portion, by)

    def _heat(self, sight: Sight, part: Slice) -> HeatMap:
        spent = spent_by(
            sight, self.memory, self._portion(sight, part), (Facet.WEEKDAY, Facet.HOUR)
        )
        first = WEEKDAYS.index(sight.config.week.starts)
        return heat_map(spent, part.since_ms, part.until_ms, first)

    def _requests(self, sight: Sight, shown: Slice) -> tuple[EventFact, ...]:
        return tuple(slice_events(sight.view, self._portion(sight, shown), MOST_REQUESTS))


def is_fine(sight: Sight) -> bool:
    """Tell whether the shown range is so short that it is read request by request."""
    return sight.range.bucket_ms % QUARTER_MS > 0


def shown_range(sight: Sight) -> Slice:
    """Return the shown range; a longer one begins where a quarter of an hour does."""
    return Slice(sight.range.start_ms, sight.at_ms + 1) if is_fine(sight) else sight.slice


def range_before(sight: Sight) -> Slice | None:
    """Return the range before the shown one, as long; a longer one's is of whole quarters."""
    if sight.span is Span.ALL:
        return None
    shown = shown_range(sight)
    length_ms = shown.until_ms - shown.since_ms
    if not is_fine(sight):
        length_ms = -(-length_ms // QUARTER_MS) * QUARTER_MS
    return Slice(shown.since_ms - length_ms, shown.since_ms)
