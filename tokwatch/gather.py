"""Reads from the store the facts that the overview is made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from tokwatch.analysis.calendar import calendar_of, month_of, week_of
from tokwatch.analysis.facts import HISTORY_DAYS, Costs, Facts
from tokwatch.analysis.hidden import hidden_models, hidden_usage
from tokwatch.analysis.ranges import HOUR_MS, MINUTE_MS, Range, range_of
from tokwatch.model import DAY_MS, QUARTER_MS, Calendar, CostMode, Dimension, Slice
from tokwatch.snapshot import Span
from tokwatch.store import read
from tokwatch.store.read import View

MOST_SESSIONS = 100


@dataclass(frozen=True, slots=True)
class Question:
    """What the overview is about."""

    at_ms: int
    zone_name: str
    zone: tzinfo
    span: Span = Span.HOURS
    mode: CostMode = CostMode.AUTO
    burn_minutes: int = 5
    week_starts: str = "monday"


def gather(view: View, ask: Question, before: Facts | None = None) -> Facts | None:
    """Return the facts of a moment, or None from an empty store.

    What came before the shown day is taken from `before` where that has it: pass None once
    the past has changed.
    """
    ends = read.bounds(view)
    if ends is None:
        return None
    calendar = _calendar(ask, ends)
    until_ms = ask.at_ms + 1
    seen = read.bounds(view, Slice(0, until_ms))
    day = calendar.day(ask.at_ms if seen is None else min(ask.at_ms, seen[1]))
    shown = range_of(ask.span, ask.at_ms, calendar, ends[0])
    past = _Past.of(before, day, shown) or _Past.read(view, ask, calendar, day, shown)
    within = Slice(shown.start_ms, until_ms)
    sessions = read.sessions(view, within, MOST_SESSIONS)
    told = read.ledgers(view, [fact.session for fact in sessions])
    the_day = Slice(calendar.begin_ms(day), min(until_ms, calendar.begin_ms(day + 1)))
    return Facts(
        at_ms=ask.at_ms,
        calendar=calendar,
        day=day,
        cells=_cells(view, the_day, ask.at_ms),
        pace=tuple(read.timeline(view, the_day, ask.burn_minutes * MINUTE_MS, ask.mode)),
        recent=tuple(read.spent(view, Slice(ask.at_ms - HOUR_MS, until_ms), ask.mode)),
        history=past.history,
        earlier=past.earlier,
        range=shown,
        chart=past.chart + _chart(view, calendar, shown, until_ms, ask.mode),
        sessions=tuple(sessions),
        hidden=hidden_usage(told, read.rates(view, hidden_models(told))),
        session_count=_count(view, within, sessions, before),
        counted_ms=...,
    )


def _calendar(ask: Question, ends: tuple[int, int]) -> Calendar:
    """Return the calendar from before the first event to after the moment."""
    return calendar_of(
        ask.zone,
        ask.zone_name,
        min(ends[0], ask.at_ms) - 40 * DAY_MS,
        max(ends[1], ask.at_ms) + 3 * DAY_MS,
    )
