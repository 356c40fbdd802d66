"""The range that is shown until one is asked for."""

from __future__ import annotations

from datetime import datetime, tzinfo

from tokwatch.analysis.calendar import epoch_ms, instant
from tokwatch.model.snapshot import Span
from tokwatch.model.units import QUARTER_MS
from tokwatch.model.usage import Slice
from tokwatch.store.read.catalogue import bounds
from tokwatch.store.view import View


def last_active(view: View | None, now: datetime, zone: tzinfo) -> tuple[Span, datetime | None]:
    """Return the hours up to now, or up to the last use where that was before today."""
    ends = bounds(view, Slice(0, epoch_ms(now) + 1)) if view else None
    if ends is None:
        return Span.HOURS, None
    last = instant(ends[1] + QUARTER_MS)
    is_today = last.astimezone(zone).date() >= now.astimezone(zone).date()
    return Span.HOURS, None if is_today else last
