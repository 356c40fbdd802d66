"""How fast money goes: dollars per hour over the last minutes of wall-clock time."""

from __future__ import annotations

from collections.abc import Iterable

from tokwatch.analysis.facts import Facts
from tokwatch.model.snapshot import Burn
from tokwatch.model.units import MINUTE_MS, QUARTER_MS
from tokwatch.model.usage import CostMode

TREND_BUCKETS, TREND_BUCKET_MS = 12, 5 * MINUTE_MS


def burn(facts: Facts, mode: CostMode, minutes: int) -> Burn:
    """Return the tile: the rate now, the last hour's course, and the shown day's peak.

    Idle time counts: a rate over first-to-last request explodes on short spans. The peak is of
    the quarters of an hour, and of the minutes that are asked for now.
    """
    span_ms = minutes * MINUTE_MS
    last = [event for event in facts.recent if 0 <= facts.at_ms - event.at_ms < span_ms]
    now_nano = per_hour(sum(event.nano for event in last), span_ms)
    peak_nano = per_hour(max(_by_quarter(facts, mode), default=0), QUARTER_MS)
    return Burn(
        nano_per_hour=now_nano,
        peak_nano_per_hour=max(now_nano, peak_nano),
        tokens_per_minute=sum(event.tokens for event in last) // minutes,
        trend_nano=_trend(facts),
        minutes=minutes,
    )


def _by_quarter(facts: Facts, mode: CostMode) -> Iterable[int]:
    """Return the cost of each quarter of an hour of the shown day."""
    begin_ms, end_ms = facts.calendar.begin_ms(facts.day), facts.end_ms
    sums: dict[int, int] = {}
    for cell in facts.cells:
        quarter_ms = int(cell.group[0])
        if begin_ms <= quarter_ms < end_ms:
            sums[quarter_ms] = sums.get(quarter_ms, 0) + cell.usage.cost_nano(mode)
    return sums.values()


def _trend(facts: Facts) -> tuple[int, ...]:
    """Return the rate of each five minutes of the hour up to the moment."""
    sums = [0] * TREND_BUCKETS
    for event in facts.recent:
        back = (facts.at_ms - event.at_ms) // TREND_BUCKET_MS
        if 0 <= back < TREND_BUCKETS:
            sums[TREND_BUCKETS - 1 - back] += event.nano
    return tuple(per_hour(nano, TREND_BUCKET_MS) for nano in sums)


def per_hour(nano: int, span_ms: int) -> int:
    """Return a cost within a span as a rate per hour."""
    return nano * 3_600_000 // span_ms
