"""How fast money goes: dollars per hour over the last minutes of wall-clock time."""

from __future__ import annotations

from tokwatch.analysis.facts import Facts
from tokwatch.snapshot import Burn

MINUTE_MS = 60_000
TREND_BUCKETS = 12


def burn(facts: Facts, minutes: int) -> Burn:
    """Return the tile: the rate now, the day's peak, and the last hour's course.

    Idle time counts: a rate over first-to-last request explodes on short spans.
    """
    span_ms = minutes * MINUTE_MS
    since_ms = facts.at_ms - span_ms
    last = [event for event in facts.recent if since_ms < event.at_ms <= facts.at_ms]
    now_nano = sum(event.nano for event in last)
    pace: dict[int, int] = {}
    for bucket_ms, _, nano in facts.pace:
        pace[bucket_ms] = pace.get(bucket_ms, 0) + nano
    newest_ms = facts.end_ms // span_ms * span_ms
    starts = [newest_ms - back * span_ms for back in reversed(range(TREND_BUCKETS))]
    rates = [per_hour(pace.get(start, 0), span_ms) for start in starts]
    if facts.is_today:
        # The running bucket is not full: the rate over the last minutes stands for it.
        rates[-1] = per_hour(now_nano, span_ms)
    return Burn(
        nano_per_hour=per_hour(now_nano, span_ms),
        peak_nano_per_hour=per_hour(max([now_nano, *pace.values()]), span_ms),
        tokens_per_minute=sum(event.tokens for event in last) // minutes,
        trend_nano=tuple(rates),
        minutes=minutes,
    )


def per_hour(nano: int, span_ms: int) -> int:
    """Return a cost within a span as a rate per hour."""
    return nano * 3_600_000 // span_ms
