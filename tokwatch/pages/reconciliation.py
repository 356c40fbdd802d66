"""Logs beside what gateways and providers tell of the same UTC days, read day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct

from tokwatch.analysis.reconciliation import Reconciliation
from tokwatch.model.endpoint import ReportSpan
from tokwatch.model.units import DAY_MS
from tokwatch.pages.reconciled_days import DayFacts, day_facts, reconciled
from tokwatch.pages.sight import Sight
from tokwatch.store.read.endpoints import report_spans

FRESH_MS: Final = 15_000
"""Today and yesterday are read again so often."""
KEPT_MS: Final = 300_000
"""Days before change only when logs are found late, or a report tells something late."""
MOST_REQUESTS: Final = 5_000
"""About so many requests are read for one answer, of at least one day."""
MOST_DAYS: Final = 8


class ReconcilePage(Struct, frozen=True):
    """A range of UTC days side by side, or what of it has been read."""

    found: Reconciliation
    days: range
    """Days since 1970-01-01 that are compared: those of the range since the first figure."""
    left: int
    """Days that are still to be read: then the same is to be asked again."""
    endpoints: int
    """How many are configured."""
    has_told: bool
    """Whether any report ever told anything."""

    @property
    def goes_on(self) -> bool:
        """Tell whether more is to come without anything new."""
        return self.left > 0


NOTHING_TOLD: Final = ReconcilePage(Reconciliation(), range(0), 0, 0, has_told=False)


@dataclass(slots=True)
class _Read:
    """What was read of days, and the answer that was made of them."""

    days: dict[int, tuple[int, DayFacts]] = field(default_factory=dict)
    """By day: when it was read, and what of it."""
    made: tuple[object, Reconciliation] | None = None


@dataclass(frozen=True, slots=True)
class ReconcileAsk:
    """Asks how far logs and reports are apart."""

    read: _Read = field(default_factory=_Read, compare=False, repr=False)

    def answer(self, sight: Sight) -> ReconcilePage:
        """Return the days of the shown range; of a long one the newest first, then more."""
        spans = report_spans(sight.view)
        days = days_of(sight, spans)
        left = self._fill(sight, days, spans)
        return ReconcilePage(
            self._reconciled(sight, days, spans),
            days,
            left,
            len(sight.config.endpoint),
            has_told=bool(spans),
        )

    def _fill(self, sight: Sight, days: range, spans: Sequence[ReportSpan]) -> int:
        """Read some of the days that are missing or old; return how many are missing."""
        kept, now_ms = self.read.days, sight.now_ms
        endpoints = sorted({one.endpoint for one in spans})
        for day in set(kept) - set(days):
            del kept[day]
        room, read = MOST_REQUESTS, 0
        missing = [day for day in reversed(days) if day not in kept]
        old = [day for day in reversed(days) if day in kept and _is_old(day, kept[day][0], now_ms)]
        for day in [*missing, *old]:
            if read and (room <= 0 or read >= MOST_DAYS):
                break
            facts = day_facts(sight.view, day, endpoints)
            before = kept.get(day)
            kept[day] = (now_ms, before[1] if before and before[1] == facts else facts)
            room, read = room - facts.requests, read + 1
        return sum(day not in kept for day in days)

    def _reconciled(self, sight: Sight, days: range, spans: Sequence[ReportSpan]) -> Reconciliation:
        """Return the days that are read side by side; the same ones are compared once."""
        here = range(next((day for day in days if day in self.read.days), days.stop), days.stop)
        facts = [self.read.days[day][1] for day in here if day in self.read.days]
        of = (here, tuple(facts), tuple(spans), sight.mode, sight.now_ms // FRESH_MS)
        if self.read.made is None or self.read.made[0] != of:
            self.read.made = of, reconciled(sight.view, here, facts, spans, sight.mode)
        return self.read.made[1]


def days_of(sight: Sight, spans: Sequence[ReportSpan]) -> range:
    """Return the UTC days that the range touches, since the first figure of any report."""
    if not spans:
        return range(0)
    first = max(sight.slice.since_ms, min(one.first_ms for one in spans)) // DAY_MS
    return range(first, max(first, sight.at_ms // DAY_MS + 1))


def _is_old(day: int, read_ms: int, now_ms: int) -> bool:
    keeps_ms = FRESH_MS if day >= now_ms // DAY_MS - 1 else KEPT_MS
    return not 0 <= now_ms - read_ms < keeps_ms
