"""Reads from the store what an audit is made of, and what is known of each source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from tokwatch.analysis.audit import Audit, AuditFacts, Disagreement, audit
from tokwatch.analysis.calendar import calendar_of
from tokwatch.config import Config
from tokwatch.ingest.chosen import sources_of, surroundings
from tokwatch.model.calendar import Calendar
from tokwatch.model.evidence import Focus
from tokwatch.model.units import DAY_MS
from tokwatch.model.usage import NO_USAGE, Dimension, Usage
from tokwatch.monitor.hidden_calls import read_hidden
from tokwatch.sources.source import Knowledge
from tokwatch.store.read import every as read
from tokwatch.store.read.every import View
from tokwatch.zones import find_zone

MOST_WITNESSED: Final = 100_000


class AboutSource(Struct, frozen=True):
    """What is known of a source beside its numbers."""

    title: str
    knowledge: Knowledge
    retention: str
    """What the tool itself does with its old logs; empty where it keeps them."""


def about_sources(config: Config) -> dict[str, AboutSource]:
    """Return what is known of each source, by name."""
    where = surroundings()
    return {
        source.name: AboutSource(source.title, source.knowledge, source.retention(where))
        for source in sources_of(config)
    }


def read_audit(
    view: View, focus: Focus, *, calendar: Calendar | None = None, events: int = 0
) -> Audit:
    """Return the audit of a focus: gaps where a calendar is given, and so many single requests."""
    merged = read.audit_merged(view, focus)
    used = read.audit_usage(view, focus)
    has_doubts = any(one.usage.lower_bound and one.usage.derived for one in used)
    facts = AuditFacts(
        focus=focus,
        used=used,
        sessions=read.audit_sessions(view, focus),
        logs=read.audit_logs(view, focus),
        merged=merged,
        kept=read.audit_kept(view, focus),
        costs=read.audit_costs(view, focus),
        doubts=read.audit_doubts(view, focus) if has_doubts else {},
        overlaps=read.audit_overlaps(view, focus),
        hidden=_hidden(view, focus),
        days=_days(view, focus, calendar) if calendar else {},
        witnessed=tuple(_witnessed(view, focus)) if merged else (),
        events=read.audit_events(view, focus, events) if events else (),
    )
    return audit(facts)


def calendar_for(view: View, timezone: str) -> Calendar | None:
    """Return the calendar of a zone for all stored history; None while there is none."""
    ends = read.bounds(view)
    if ends is None:
        return None
    name, zone = find_zone(timezone)
    return calendar_of(zone, name, ends[0] - 2 * DAY_MS, ends[1] + 2 * DAY_MS)


def _days(view: View, focus: Focus, calendar: Calendar) -> dict[str, list[int]]:
    """Return the days with use by source; of a single session they would say nothing."""
    found: dict[str, list[int]] = {}
    if not focus.session:
        for cell in read.usage(view, focus.part, (Dimension.SOURCE, Dimension.DAY), calendar):
            source, day = cell.group
            found.setdefault(str(source), []).append(int(day))
    return found


def _hidden(view: View, focus: Focus) -> dict[str, Usage]:
    """Return the hidden calls by source; a sub-agent and single requests have none."""
    if focus.agent or focus.is_chosen or not read.has_ledgers(view):
        return {}
    by_session = read_hidden(view, focus.part)
    if focus.session:
        by_session = {name: one for name, one in by_session.items() if name == focus.session}
    found: dict[str, Usage] = {}
    for ledger in read.ledgers(view, sorted(by_session)):
        before = found.get(ledger.source, NO_USAGE)
        found[ledger.source] = before + by_session[ledger.session]
    return found


def _witnessed(view: View, focus: Focus) -> Iterator[Disagreement]:
    for one in read.audit_witnesses(view, focus, MOST_WITNESSED):
        sources = tuple(sorted({statement.source for statement in one.statements}))
        yield Disagreement(one.instant_ms, one.session, one.model, sources, one.differing)
