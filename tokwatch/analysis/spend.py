"""What the shown day has cost, and how that compares with other days."""

from __future__ import annotations

from dataclasses import dataclass

from tokwatch.analysis.facts import Facts
from tokwatch.analysis.sums import total
from tokwatch.model import CostMode, Usage
from tokwatch.snapshot import Spend

HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class UsualDay:
    """An earlier active day, cut at the time of day that the shown one has reached."""

    before_nano: int
    after_nano: int


def day_usage(facts: Facts) -> Usage:
    """Return all usage of the shown day."""
    begin_ms = facts.calendar.begin_ms(facts.day)
    return total(
        cell.usage for cell in facts.cells if begin_ms <= int(cell.group[0]) < facts.end_ms
    )


def spend(facts: Facts, mode: CostMode) -> Spend:
    """Return the tile of the shown day."""
    usage = day_usage(facts)
    before = [day.before_nano for day in usual_days(facts)]
    usual = sum(before) / len(before) if before else 0
    cost = usage.cost_nano(mode)
    return Spend(usage, cost, cost / usual if usual else None, _by_hour(facts, mode))


def usual_days(facts: Facts) -> list[UsualDay]:
    """Return the earlier active days; a finished day is set against whole days."""
    calendar = facts.calendar
    elapsed_ms = facts.end_ms - calendar.begin_ms(facts.day)
    is_over = not facts.is_today
    days: dict[int, list[int]] = {}
    for quarter_ms, _, nano in facts.history:
        day = calendar.day(quarter_ms)
        sums = days.setdefault(day, [0, 0])
        is_after = not is_over and quarter_ms - calendar.begin_ms(day) >= elapsed_ms
        sums[is_after] += nano
    return [UsualDay(*sums) for sums in days.values() if any(sums)]


def _by_hour(facts: Facts, mode: CostMode) -> tuple[int, ...]:
    """Return the shown day's cost by hour since its begin, up to the present one."""
    begin_ms = facts.calendar.begin_ms(facts.day)
    hours = [0] * max(1, -(-(facts.end_ms - begin_ms) // HOUR_MS))
    for cell in facts.cells:
        hour = (int(cell.group[0]) - begin_ms) // HOUR_MS
        if 0 <= hour < len(hours):
            hours[hour] += cell.usage.cost_nano(mode)
    return tuple(hours)
