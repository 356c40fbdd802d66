"""Anomalies of the shown time against one's own usual; the past is judged again when it changed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from tokwatch.analysis.anomalies import (
    HISTORY_DAYS,
    Costs,
    Judged,
    Usual,
    anomalies,
    usual_days,
)
from tokwatch.model.units import DAY_MS, QUARTER_MS
from tokwatch.model.usage import Slice
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight
from tokwatch.pages.spent import days_of
from tokwatch.store.cuts import by_weeks
from tokwatch.store.read.every import costs_over_time

LONGEST_MS: Final = 30 * DAY_MS
"""Nothing longer ago before the moment is judged."""
HISTORY_KEPT_MS: Final = 60_000


def judged(sight: Sight, memory: Memory, since_ms: int) -> Judged:
    """Return the anomalies from an instant to the moment, whole days of them."""
    first = sight.calendar.day(max(since_ms, sight.at_ms - LONGEST_MS))
    today = sight.calendar.day(sight.at_ms)
    marks = days_of(sight, memory, first - HISTORY_DAYS - 1, today)
    past, usual = memory.recall(
        "history",
        (first, today, sight.mode, tuple(marks)),
        *(sight.now_ms, HISTORY_KEPT_MS),
        lambda: _history(sight, memory, first, today, marks),
    )
    since_ms, today_ms = (sight.calendar.begin_ms(day) for day in (first, today))
    part = Slice(today_ms, sight.at_ms + 1)
    new = costs_over_time(sight.view, part, QUARTER_MS, sight.mode)
    return anomalies([*past, *new], usual, sight.calendar, since_ms, sight.at_ms + 1)


def _history(
    sight: Sight, memory: Memory, first: int, today: int, marks: Sequence[tuple[int, int, int]]
) -> tuple[Costs, dict[int, Usual]]:
    """Return what was spent before today, and what is usual on each day from the first on."""
    calendar = sight.calendar
    begin_ms, today_ms = calendar.begin_ms(first - HISTORY_DAYS - 1), calendar.begin_ms(today)
    past: list[tuple[int, int]] = []
    for part in by_weeks(Slice(begin_ms, today_ms), calendar):
        # Days of the store may be those of another zone.
        since, until = part.since_ms // DAY_MS - 1, part.until_ms // DAY_MS + 1
        near = tuple(mark for mark in marks if since <= mark[0] <= until)
        past += memory.recall(
            ("costs", part),
            (sight.mode, near),
            *(sight.now_ms, HISTORY_KEPT_MS),
            partial(costs_over_time, sight.view, part, QUARTER_MS, sight.mode),
        )
    return past, usual_days(past, calendar, first, today)
