"""What the overview is made from: facts read from the store, all of one moment."""

from __future__ import annotations

from msgspec import Struct, field

from tokwatch.analysis.ranges import Range
from tokwatch.model.calendar import Calendar
from tokwatch.model.stored import SessionFact, Spent
from tokwatch.model.usage import Cell, Usage

HISTORY_DAYS = 14
"""Days before the shown one that say what is usual."""

Costs = tuple[tuple[int, str, int], ...]
"""(Start of a bucket of time or a day number, model, nano-dollars), the oldest first."""


class Past(Struct, frozen=True):
    """What days before the shown one tell: read once a day, not with every change."""

    day: int = 0
    """The shown day."""
    range: Range = field(default_factory=Range)
    history: tuple[tuple[int, int], ...] = ()
    """(Quarter of an hour, nano-dollars), the days before the shown one, oldest first."""
    earlier: Costs = ()
    """By day, from the begin of the week or month (the earlier) to the shown day."""
    chart: Costs = ()
    """By day, where the range's buckets are days or more: the days before the moment's."""

    def is_of(self, day: int, shown: Range) -> bool:
        """Tell whether this is the past of a shown day and range."""
        is_same_range = shown == self.range or not (shown.is_by_day or self.range.is_by_day)
        return day == self.day and is_same_range


class Facts(Struct, frozen=True):
    """The stored facts of one moment; a moment in the past sees nothing after it."""

    at_ms: int
    calendar: Calendar
    day: int
    """The day that the tiles are about."""
    past: Past = field(default_factory=Past)
    cells: tuple[Cell, ...] = ()
    """By (QUARTER, MODEL): the shown day, and of today the day before the moment too."""
    recent: tuple[Spent, ...] = ()
    """The events of the last hour."""
    range: Range = field(default_factory=Range)
    chart: Costs = ()
    """By the range's buckets; what `past` has of them is not repeated."""
    sessions: tuple[SessionFact, ...] = ()
    """Those used in the range, the newest ones."""
    hidden: dict[str, Usage] = field(default_factory=dict)
    session_count: int = 0
    """Sessions used in the range."""
    counted_ms: int = 0
    """When they were counted."""

    @property
    def is_today(self) -> bool:
        """Whether the tiles are about the day of the moment."""
        return self.day == self.calendar.day(self.at_ms)

    @property
    def end_ms(self) -> int:
        """The end of what counts of the shown day: after the moment, which counts."""
        return min(self.at_ms + 1, self.calendar.begin_ms(self.day + 1))
