"""The share of the prompt that was read from the provider's cache."""

from __future__ import annotations

from tokwatch.analysis.facts import Facts
from tokwatch.analysis.spend import day_usage
from tokwatch.analysis.sums import total
from tokwatch.model.snapshot import CacheRate
from tokwatch.model.units import DAY_MS, HOUR_MS, QUARTER_MS
from tokwatch.model.usage import Usage


def cache_rate(facts: Facts) -> CacheRate:
    """Return the tile: the shown day's rate, how the last hour differs, and the day's course."""
    begin_ms = facts.calendar.begin_ms(facts.day)
    hours = [begin_ms + hour * HOUR_MS for hour in range((facts.end_ms - begin_ms) // HOUR_MS + 1)]
    return CacheRate(
        day_usage(facts).hit_rate,
        _change_points(facts) if facts.is_today else None,
        tuple(_between(facts, start, start + HOUR_MS).hit_rate for start in hours),
    )


def _change_points(facts: Facts) -> float | None:
    """Return the last hour's rate against the day before it, in percentage points."""
    # Quarters begin within the hour: the one that is running counts from its start.
    hour_ms = (facts.at_ms - HOUR_MS) // QUARTER_MS * QUARTER_MS + QUARTER_MS
    last = _between(facts, hour_ms, facts.at_ms + 1).hit_rate
    before = _between(facts, hour_ms - DAY_MS, hour_ms).hit_rate
    return None if last is None or before is None else (last - before) * 100


def _between(facts: Facts, since_ms: int, until_ms: int) -> Usage:
    return total(cell.usage for cell in facts.cells if since_ms <= int(cell.group[0]) < until_ms)
