"""Sights of made stores, for tests of pages."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

from tokwatch.analysis.calendar import calendar_of
from tokwatch.analysis.ranges import range_of
from tokwatch.config import load
from tokwatch.model.snapshot import Span
from tokwatch.model.units import DAY_MS
from tokwatch.monitor.rules import rules_of
from tokwatch.pages.sight import Sight
from tokwatch.store.read.every import View, bounds


def sight_of(
    view: View, at_ms: int, span: Span = Span.DAY, *, settings: Path | None = None
) -> Sight:
    """Return what a page sees of a store at a moment, in UTC, under default settings."""
    config = load(settings, Path("nowhere"), environ={})
    ends = bounds(view) or (at_ms, at_ms)
    calendar = calendar_of(
        UTC, "UTC", min(ends[0], at_ms) - 40 * DAY_MS, max(ends[1], at_ms) + DAY_MS
    )
    return Sight(
        view=view,
        config=config,
        at_ms=at_ms,
        now_ms=at_ms,
        span=span,
        range=range_of(span, at_ms, calendar, ends[0]),
        calendar=calendar,
        zone_name="UTC",
        zone=UTC,
        rows=rules_of(config).rows,
    )
