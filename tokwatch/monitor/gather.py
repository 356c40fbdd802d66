"""Reads from the store the facts that the overview is made from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.analysis.calendar import calendar_of, month_of, week_of
from tokwatch.analysis.facts import HISTORY_DAYS, Costs, Facts, Past
from tokwatch.analysis.ranges import Range, range_of
from tokwatch.model.calendar import Calendar
from tokwatch.model.snapshot import Span
from tokwatch.model.stored import SessionFact
from tokwatch.model.units import DAY_MS, HOUR_MS, QUARTER_MS
from tokwatch.model.usage import Cell, CostMode, Dimension, Slice
from tokwatch.monitor.hidden_calls import hidden_of
from tokwatch.store.read import catalogue as read_catalogue
from tokwatch.store.read import events as read_events
from tokwatch.store.read import sessions as read_sessions
from tokwatch.store.read import triage as read_triage
from tokwatch.store.read import usage as read_usage
from tokwatch.store.view import ALL, View

MOST_SESSIONS = 100
COUNT_AGAIN_MS = 10_000
"""Counting many sessions takes long: a count is kept for so long."""


class Question(Struct, frozen=True):
    """What the overview is about."""

    at_ms: int
    zone_name: str
    zone: tzinfo
    span: Span = Span.HOURS
    mode: CostMode = CostMode.AUTO
    week_starts: str = "monday"
    even_empty: bool = False
    """Whether a store without a request has facts too: endpoints may have told of use."""


def gather(
    view: View, ask: Question, before: Facts | None = None, since_ms: int = 0
) -> Facts | None:
    """Return the facts of a moment, or None from an empty store, unless it is asked even then.

    The past is taken from `before` where that has it: pass None once the past has changed. So
    are today's quarters of an hour that end before `since_ms`, the earliest change since then.
    """
    ends = read_catalogue.bounds(view)
    if ends is None and not ask.even_empty:
        return None
    ends = ends or (ask.at_ms, ask.at_ms)
    calendar = _calendar(ask, ends)
    seen = read_catalogue.bounds(view, Slice(0, ask.at_ms + 1))
    day = calendar.day(ask.at_ms if seen is None else min(ask.at_ms, seen[1]))
    shown = range_of(ask.span, ask.at_ms, calendar, ends[0])
    past = before.past if before is not None and before.past.is_of(day, shown) else None
    # Roll-ups hold whole quarters: the one in which the range begins belongs to it.
    within = Slice(shown.start_ms // QUARTER_MS * QUARTER_MS, ask.at_ms + 1)
    if ask.span is Span.ALL and ends[1] <= ask.at_ms:
        within = ALL
    sessions = read_sessions.sessions(view, within, MOST_SESSIONS)
    counted = _count_before(before, shown, ask) or (_count(view, within, sessions), ask.at_ms)
    return Facts(
        at_ms=ask.at_ms,
        calendar=calendar,
        day=day,
        past=past or _past(view, ask, calendar, day, shown),
        cells=_cells(view, _told_by_quarter(calendar, day, ask.at_ms), before, since_ms),
        recent=tuple(read_events.spent(view, Slice(ask.at_ms - HOUR_MS, ask.at_ms + 1), ask.mode)),
        range=shown,
        chart=_chart(view, calendar, shown, ask),
        sessions=tuple(sessions),
        hidden=hidden_of(view, sessions, ask.at_ms),
        session_count=counted[0],
        counted_ms=counted[1],
    )


def _calendar(ask: Question, ends: tuple[int, int]) -> Calendar:
    """Return the calendar from before the first event to after the moment."""
    return calendar_of(
        ask.zone,
        ask.zone_name,
        min(ends[0], ask.at_ms) - 40 * DAY_MS,
        max(ends[1], ask.at_ms) + 3 * DAY_MS,
    )


def _past(view: View, ask: Question, calendar: Calendar, day: int, shown: Range) -> Past:
    begin_ms = calendar.begin_ms(day)
    first = min(week_of(day, ask.week_starts), month_of(day))
    history = Slice(calendar.begin_ms(day - HISTORY_DAYS), begin_ms)
    earlier = Slice(calendar.begin_ms(first), begin_ms)
    today_ms = calendar.begin_ms(calendar.day(ask.at_ms))
    return Past(
        day,
        shown,
        tuple(read_triage.costs_over_time(view, history, QUARTER_MS, ask.mode)),
        tuple(read_usage.daily_costs(view, earlier, calendar, ask.mode)),
        tuple(read_usage.daily_costs(view, Slice(shown.start_ms, today_ms), calendar, ask.mode))
        if shown.is_by_day
        else (),
    )


def _told_by_quarter(calendar: Calendar, day: int, at_ms: int) -> Slice:
    """Return the shown day, and of today the day before the moment too."""
    since_ms, until_ms = calendar.begin_ms(day), min(at_ms + 1, calendar.begin_ms(day + 1))
    if until_ms > at_ms:
        since_ms = min(since_ms, at_ms - DAY_MS - HOUR_MS)
    return Slice(since_ms, until_ms)


def _cells(view: View, part: Slice, before: Facts | None, since_ms: int) -> tuple[Cell, ...]:
    kept: list[Cell] = []
    if before is not None and before.at_ms < part.until_ms:
        known = _told_by_quarter(before.calendar, before.day, before.at_ms)
        until_ms = min(since_ms, known.until_ms - 1) // QUARTER_MS * QUARTER_MS
        if known.since_ms <= part.since_ms < until_ms:
            kept = [each for each in before.cells if part.since_ms <= int(each.group[0]) < until_ms]
            part = replace(part, since_ms=until_ms)
    return (*kept, *read_usage.usage(view, part, (Dimension.QUARTER, Dimension.MODEL)))


def _chart(view: View, calendar: Calendar, shown: Range, ask: Question) -> Costs:
    if shown.is_by_day:
        today = Slice(calendar.begin_ms(calendar.day(ask.at_ms)), ask.at_ms + 1)
        return tuple(read_usage.daily_costs(view, today, calendar, ask.mode))
    part = Slice(shown.start_ms, ask.at_ms + 1)
    return tuple(read_events.timeline(view, part, shown.bucket_ms, ask.mode))


def _count_before(before: Facts | None, shown: Range, ask: Question) -> tuple[int, int] | None:
    """Return a count of many sessions that is fresh enough, and when it was made."""
    if before is None or before.session_count < MOST_SESSIONS or before.range != shown:
        return None
    is_fresh = 0 <= ask.at_ms - before.counted_ms < COUNT_AGAIN_MS
    return (before.session_count, before.counted_ms) if is_fresh else None


def _count(view: View, within: Slice, sessions: Sequence[SessionFact]) -> int:
    """Return how many sessions were used in a range; few are all listed already."""
    listed = len({(fact.source, fact.session) for fact in sessions})
    return listed if listed < MOST_SESSIONS else read_sessions.count_sessions(view, within)
