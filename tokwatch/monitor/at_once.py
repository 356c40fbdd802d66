"""One picture of the store, for a command that does not stay."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from tokwatch.analysis.calendar import epoch_ms
from tokwatch.analysis.overview import overview
from tokwatch.model.snapshot import EMPTY, Snapshot, Span
from tokwatch.model.usage import CostMode
from tokwatch.monitor.gather import Question, gather
from tokwatch.monitor.rules import rules_of
from tokwatch.store.store import open_existing
from tokwatch.store.view import View, open_view
from tokwatch.zones import find_zone

if TYPE_CHECKING:
    from tokwatch.config import Config
    from tokwatch.model.calendar import Calendar
    from tokwatch.model.gateway import Gateway
    from tokwatch.model.standing import Standing


def picture(config: Config, now: datetime, span: Span = Span.DAY) -> Snapshot:
    """Return what the overview would show at a moment, its chart left out."""
    database = open_existing(config.store.url, config.data)
    if database is None:
        return EMPTY
    try:
        return _picture(open_view(database, config.general.workspace), config, now, span)
    finally:
        database.close()


def _picture(view: View, config: Config, now: datetime, span: Span) -> Snapshot:
    from tokwatch.store.read.alerts import open_alerts
    from tokwatch.store.read.suggestions import savings

    zone_name, zone = find_zone(config.general.timezone)
    mode = CostMode(config.prices.mode)
    at_ms = epoch_ms(now)
    starts, even_empty = config.week.starts, bool(config.endpoint)
    facts = gather(view, Question(at_ms, zone_name, zone, span, mode, starts, even_empty))
    if facts is None:
        return EMPTY
    frame = Snapshot(
        now=now,
        zone=zone_name,
        span=span,
        alerts=tuple(open_alerts(view)) if config.alerts.on else (),
        savings=savings(view),
        budget=_tightest(view, config, at_ms, facts.calendar),
        gateways=_gateways(view, config, at_ms),
    )
    return overview(facts, frame, rules_of(config))


def _gateways(view: View, config: Config, at_ms: int) -> tuple[Gateway, ...]:
    if not config.endpoint:
        return ()
    from tokwatch.pages.gateways import gateway_lines
    from tokwatch.pages.memory import Memory

    return gateway_lines(view, config, at_ms, Memory())


def _tightest(view: View, config: Config, at_ms: int, calendar: Calendar) -> Standing | None:
    if not (config.budget or config.split):
        return None
    from tokwatch.analysis.budgets.standing import tightest
    from tokwatch.budgets.budgeting import standings

    return tightest(standings(view, config, at_ms, calendar))
