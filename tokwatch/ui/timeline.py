"""Moving in time: which range is shown after a key was pressed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from tokwatch.model.snapshot import Snapshot, Span

SPANS: Final = tuple(Span)
SECONDS: Final = {
    Span.HOUR: 3600,
    Span.HOURS: 4 * 3600,
    Span.DAY: 86_400,
    Span.WEEK: 7 * 86_400,
    Span.MONTH: 30 * 86_400,
}
Range = tuple[Span, datetime | None]


def moved(snapshot: Snapshot, halves: int, now: datetime) -> Range:
    """Return the range that is half its length earlier or later; never later than now."""
    seconds = SECONDS.get(snapshot.span)
    if seconds is None:
        return snapshot.span, None
    until = (snapshot.until or now) + timedelta(seconds=halves * seconds // 2)
    return snapshot.span, until if until < now else None


def begin(snapshot: Snapshot, now: datetime) -> datetime:
    """Return where a range that can be moved begins."""
    return (snapshot.until or now) - timedelta(seconds=SECONDS[snapshot.span])


def resized(snapshot: Snapshot, steps: int) -> Range:
    """Return the next shorter or longer range with the same end."""
    index = SPANS.index(snapshot.span) + steps
    span = SPANS[max(0, min(len(SPANS) - 1, index))]
    return span, snapshot.until if span in SECONDS else None


def next_span(snapshot: Snapshot) -> Range:
    """Return the next range of all, beginning again after the longest."""
    span = SPANS[(SPANS.index(snapshot.span) + 1) % len(SPANS)]
    return span, snapshot.until if span in SECONDS else None
