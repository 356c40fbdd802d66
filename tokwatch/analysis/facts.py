"""What the overview is made from: facts read from the store, all of one moment."""

from __future__ import annotations

from dataclasses import dataclass, field

from tokwatch.analysis.ranges import Range
from tokwatch.model import Calendar, Cell, SessionFact, Spent, Usage

HISTORY_DAYS = 14
"""Days before the shown one that say what is usual."""

Costs = tuple[tuple[int, str, int], ...]
"""(Start of a bucket of time or a day number, model, nano-dollars), the oldest first."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The stored facts of one moment; a moment in the past sees nothing after itself."""

    at_ms: int
    calendar: Calendar
    day: int
    """The day that the tiles are about."""
    cells: tuple[Cell, ...] = ()
    """By (QUARTER, MODEL), from a day before `at_ms` or the shown day's begin on."""
    pace: Costs = ()
    """The shown day in buckets of the burn rate's minutes."""
    recent: tuple[Spent, ...] = ()
    """The events of the last hour."""
    history: Costs = ()
    """By quarter of an hour, the days before the shown one."""
    earlier: Costs = ()
    """By day, from the begin of the week or month (the earlier) to the shown day."""
    range: Range = field(default_factory=Range)
    chart: Costs = ()
    """By the range's buckets."""
    sessions: tuple[SessionFact, ...] = ()
    hidden: dict[str, Usage] = field(default_factory=dict)
    session_count: int = 0
    """Sessions used in the range."""

    @property
    def today(self) -> int:
        """The day of `at_ms`."""
        return self.calendar.day(self.at_ms)

    @property
    def is_today(self) -> bool:
        """Whether the tiles are about the day of `at_ms`."""
        return self.day == self.today

    @property
    def end_ms(self) -> int:
        """The moment up to which the shown day counts."""
        return min(self.at_ms, self.calendar.begin_ms(self.day + 1))
