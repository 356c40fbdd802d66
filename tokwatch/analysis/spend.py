"""What the shown day has cost, and how that compares with other days."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from statistics import fmean

from msgspec import Struct

from tokwatch.analysis.facts import Facts
from tokwatch.analysis.sums import total
from tokwatch.model.snapshot import Spend
from tokwatch.model.units import HOUR_MS, OPEN_END_MS
from tokwatch.model.usage import CostMode, Usage


class UsualDay(Struct, frozen=True):
    """An earlier active day, cut at the time of day that the shown one has reached."""

    before_nano: int
    after_nano: int


def day_usage(facts: Facts) -> Usage:
    """Return all usage of the shown day."""
    begin_ms, end_ms = facts.calendar.begin_ms(facts.day), facts.end_ms
    return total(cell.usage for cell in facts.cells if begin_ms <= int(cell.group[0]) < end_ms)


def spend(facts: Facts, mode: CostMode, usual: Sequence[UsualDay]) -> Spend:
    """Return the tile of the shown day."""
    usage = day_usage(facts)
    cost = usage.cost_nano(mode)
    mean = fmean(day.before_nano for day in usual) if usual else 0
    return Spend(usage, cost, cost / mean if mean else None, _by_hour(facts, mode))


def usual_days(facts: Facts) -> list[UsualDay]:
    """Return the earlier active days; a finished day is set against whole days."""
    calendar = facts.calendar
    elapsed_ms = facts.end_ms - calendar.begin_ms(facts.day) if facts.is_today else OPEN_END_MS
    found = []
    for day, quarters in groupby(facts.past.history, lambda one: calendar.day(one[0])):
        cut_ms = calendar.begin_ms(day) + elapsed_ms
        before = after = 0
        for quarter_ms, nano in quarters:
            if quarter_ms < cut_ms:
                before += nano
            else:
                after += nano
        if before or after:
            found.append(UsualDay(before, after))
    return found


def _by_hour(facts: Facts, mode: CostMode) -> tuple[int, ...]:
    """Return the shown day's cost by hour since its begin, up to the present one."""
    begin_ms = facts.calendar.begin_ms(facts.day)
    hours = [0] * max(1, -(-(facts.end_ms - begin_ms) // HOUR_MS))
    for cell in facts.cells:
        hour = (int(cell.group[0]) - begin_ms) // HOUR_MS
        if 0 <= hour < len(hours):
            hours[hour] += cell.usage.cost_nano(mode)
    return tuple(hours)
