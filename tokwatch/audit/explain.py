"""Finds out where one number on the screen comes from: exactly those requests, and no others."""

from __future__ import annotations

from datetime import date
from typing import Final

from msgspec.structs import replace

from tokwatch.analysis.audit import Audit
from tokwatch.analysis.calendar import calendar_of, day_number
from tokwatch.analysis.ranges import range_of
from tokwatch.audit.reading import read_audit
from tokwatch.config import Config
from tokwatch.model.calendar import Calendar
from tokwatch.model.evidence import Focus, Number, Shown
from tokwatch.model.facets import Pick, Portion
from tokwatch.model.snapshot import Span
from tokwatch.model.units import DAY_MS, MINUTE_MS, OPEN_END_MS, QUARTER_MS
from tokwatch.model.usage import CostMode, Slice
from tokwatch.store.read.every import View, bounds, open_view
from tokwatch.store.store import open_existing
from tokwatch.zones import find_zone

MOST_EVENTS: Final = 500
"""Requests that are listed; the sums are of all."""


def explain(config: Config, shown: Shown) -> Audit | None:
    """Return what a number on the screen rests on; None where there is no store yet."""
    database = open_existing(config.store.url, config.data)
    if database is None:
        return None
    try:
        view = open_view(database, config.general.workspace)
        focus = focus_of(view, shown, config.general.timezone)
        return None if focus is None else read_audit(view, focus, events=MOST_EVENTS)
    finally:
        database.close()


def focus_of(view: View, shown: Shown, timezone: str) -> Focus | None:
    """Return which requests a number is the sum of."""
    if shown.number is Number.SOURCE:
        return Focus(Slice(sources=(shown.source,)))
    if shown.number is Number.REQUESTS:
        return Focus(keys=shown.keys[:MOST_EVENTS])
    if shown.number is Number.BURN:
        since_ms = shown.at_ms - shown.minutes * MINUTE_MS + 1
        return Focus(Slice(since_ms, shown.at_ms + 1))
    ends = bounds(view)
    if ends is None:
        return None
    if shown.number is Number.AGENT:
        part = Slice(sources=(shown.source,))
        if shown.at_ms < ends[1]:
            part = replace(part, until_ms=shown.at_ms + 1)
        return Focus(part, shown.session, shown.agent)
    return _of_time(view, shown, timezone, ends)


def _of_time(view: View, shown: Shown, timezone: str, ends: tuple[int, int]) -> Focus | None:
    """Return the requests of a day, of the range of the chart, or of a part of a range."""
    name, zone = find_zone(timezone)
    first_ms, last_ms = min(ends[0], shown.at_ms), max(ends[1], shown.at_ms)
    calendar = calendar_of(zone, name, first_ms - 40 * DAY_MS, last_ms + 3 * DAY_MS)
    if shown.number is Number.DAY:
        return Focus(_day(shown, calendar, ends[1]))
    if shown.number is Number.SLICE:
        return Focus(_part(shown, ends), picks=shown.picks, calendar=calendar)
    if shown.number is Number.BUDGET:
        return _budget(view, shown, calendar, ends)
    sources = (shown.source,) if shown.source else ()
    if shown.span is Span.ALL and ends[1] <= shown.at_ms:
        return Focus(Slice(sources=sources))  # the same, and cheaper
    return Focus(replace(_range(shown, calendar, ends), sources=sources))


def _part(shown: Shown, ends: tuple[int, int]) -> Slice:
    """Return the range of a slice: one that ends with the picture as roll-ups have it."""
    part, (first_ms, last_ms) = shown.part, ends
    if part.until_ms == shown.at_ms + 1:
        part = replace(part, until_ms=_end(shown.at_ms, last_ms))
    if part.since_ms <= first_ms and last_ms < part.until_ms:
        return replace(part, since_ms=0, until_ms=OPEN_END_MS)  # the same, and cheaper
    return part


def _budget(view: View, shown: Shown, calendar: Calendar, ends: tuple[int, int]) -> Focus | None:
    """Return what a budget counts; None where its agent's name is one's kind and another's id."""
    from tokwatch.budgets.reading import AGENT, FACETS, PROJECT, Reader, agent_facet

    reader = Reader(view, shown.at_ms, calendar, CostMode.AUTO)
    part, picks = _part(shown, ends), []
    for scope in shown.scopes:
        if scope.dimension == PROJECT:
            part = replace(part, projects=tuple(reader.projects(scope.name)))
        elif scope.dimension != AGENT:
            picks.append(Pick(FACETS[scope.dimension], scope.name))
    for name in (scope.name for scope in shown.scopes if scope.dimension == AGENT):
        facet = agent_facet(view, Portion(part, tuple(picks), calendar), name)
        if facet is None:
            return None
        picks.append(Pick(facet, name))
    return Focus(part, picks=tuple(picks), calendar=calendar)


def _day(shown: Shown, calendar: Calendar, last_ms: int) -> Slice:
    """Return the shown day up to the moment."""
    day = day_number(date.fromisoformat(shown.day))
    end_ms = calendar.begin_ms(day + 1)
    return Slice(calendar.begin_ms(day), min(end_ms, _end(shown.at_ms, last_ms)))


def _range(shown: Shown, calendar: Calendar, ends: tuple[int, int]) -> Slice:
    """Return the range of the chart up to the moment."""
    found = range_of(shown.span, shown.at_ms, calendar, ends[0])
    is_fine = found.bucket_ms % QUARTER_MS > 0
    end_ms = shown.at_ms + 1 if is_fine else _end(shown.at_ms, ends[1])
    return Slice(found.start_ms, end_ms)


def _end(at_ms: int, last_ms: int) -> int:
    """Return the end of a range; where nothing comes later, of its last quarter in roll-ups."""
    return at_ms + 1 if at_ms < last_ms else (at_ms // QUARTER_MS + 1) * QUARTER_MS
