"""Which requests a number on a screen rests on: those of the line under the cursor, or the pane's.

What rests on no requests, such as the store's size or a limit that a tool told, has none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tokwatch.analysis.anomalies import Anomaly
from tokwatch.analysis.attribution import Contribution, Trail
from tokwatch.analysis.calendar import epoch_ms
from tokwatch.analysis.carried import Carried
from tokwatch.analysis.costs import CostLine
from tokwatch.analysis.delegation import Lane
from tokwatch.analysis.feed import FeedLine
from tokwatch.analysis.happenings import Happening
from tokwatch.analysis.quality import By, Group, Narrow
from tokwatch.analysis.timeline import RequestLine
from tokwatch.model.alert import Alert
from tokwatch.model.caching import Break, Chain, GatewaySum
from tokwatch.model.evidence import Number, Shown
from tokwatch.model.facets import Facet, Pick, Picks
from tokwatch.model.snapshot import SessionRow, Snapshot
from tokwatch.model.standing import GoalStanding, Standing
from tokwatch.model.stored import EventFact
from tokwatch.model.suggestion import Suggestion
from tokwatch.model.units import MINUTE_MS, QUARTER_MS
from tokwatch.model.usage import Slice
from tokwatch.pages.budgets import BudgetsPage
from tokwatch.pages.cache import CachePage, ModelCache, SessionCache, WarmChain
from tokwatch.pages.costs import CostsPage
from tokwatch.pages.quality import QualityPage
from tokwatch.pages.response_cache import ResponsePage
from tokwatch.pages.session import SessionPage
from tokwatch.pages.triage import TriagePage
from tokwatch.pages.what_if import WhatIfPage
from tokwatch.ui.source_words import Row as SourceRow
from tokwatch.ui.widgets.budget_limits import Limits
from tokwatch.ui.widgets.cache_tiles import CacheTile
from tokwatch.ui.widgets.costs_heat import CostHeat
from tokwatch.ui.widgets.costs_tiles import BurnRates, Endings
from tokwatch.ui.widgets.notices import Alerts
from tokwatch.ui.widgets.painted import Pane
from tokwatch.ui.widgets.table import Table

AVERAGED_MS: Final = 720 * MINUTE_MS
"""The minutes that the burn rates of the costs screen are averages of."""
CHOSEN: Final = ("row", "alert", "standing", "suggestion")
"""What panes call the line that they show, or that is under their cursor."""
BY: Final = {By.MODEL: Facet.MODEL, By.AGENT: Facet.KIND, By.SOURCE: Facet.SOURCE}


def ground_of(pane: Pane, snapshot: Snapshot) -> Shown | None:
    """Return what requests the number of a pane rests on; None where it rests on none."""
    at_ms = epoch_ms(snapshot.until or snapshot.now)
    found = _of_number(pane, snapshot, at_ms)
    if found is None:
        content = getattr(pane, "content", None)
        if isinstance(pane, CacheTile) and snapshot.page is not None:
            content = snapshot.page.content
        row = next((one for name in CHOSEN if (one := getattr(pane, name, None))), None)
        found = _of_line(row, content, at_ms)
        if found is None and (row is not None or not isinstance(pane, Table)):
            found = _of_pane(pane, content, at_ms)
    return None if found is None else replace(found, span=snapshot.span)


def _of_number(pane: Pane, snapshot: Snapshot, at_ms: int) -> Shown | None:
    """Return the one that the pane names itself; of the alerts what they rest on."""
    if isinstance(pane, Alerts):
        keys = dict.fromkeys(key for alert in snapshot.alerts for key in alert.events)
        return _requests(at_ms, *keys) if keys else None
    if not pane.NUMBER:
        return None
    if pane.NUMBER == Number.SOURCE:
        return Shown(Number.SOURCE, at_ms, source=getattr(pane, "source", ""))
    if pane.NUMBER != Number.AGENT:
        day, minutes = snapshot.day, snapshot.burn.minutes
        return Shown(Number(pane.NUMBER), at_ms, snapshot.span, day, minutes)
    row: SessionRow | None = getattr(pane, "row", None)
    return None if row is None else _agent(Chain(row.source, row.session, row.agent), at_ms)


def _of_line(row: object, content: object, at_ms: int) -> Shown | None:
    """Return what one line of a table rests on."""
    match row:
        case Break() | EventFact():
            return _requests(at_ms, row.key)
        case RequestLine():
            return _requests(at_ms, row.request.cached.key)
        case FeedLine():
            chain = Chain(row.scope.source, row.scope.session, row.scope.agent)
            return _requests(at_ms, row.event.key) if row.event else _agent(chain, at_ms)
        case Alert() | Suggestion():
            return _requests(at_ms, *row.events) if row.events else None
        case Happening():
            chain = Chain(row.source, row.session, row.agent)
            told = _agent(chain, at_ms) if row.session else None
            return _requests(at_ms, row.key) if row.key else told
        case WarmChain() | Lane() | Carried():
            return _agent(row.chain, at_ms)
        case SourceRow():
            return Shown(Number.SOURCE, at_ms, source=row.status.name)
        case GatewaySum():
            return Shown(Number.RANGE, at_ms, source=row.source)
        case Anomaly():
            return _slice(at_ms, Slice(row.since_ms, min(row.until_ms, at_ms + 1)))
        case Standing() | GoalStanding():
            return _of_budget(row, at_ms)
    return _of_value(row, content, at_ms)


def _of_value(row: object, content: object, at_ms: int) -> Shown | None:
    """Return what a line about one value of a dimension rests on: a part of the page's range."""
    match content, row:
        case CostsPage(), CostLine():
            pick = Pick(content.table.rows, row.value)
            return _slice(at_ms, content.shown, *content.picks, pick)
        case CachePage(), SessionCache():
            session = Pick(Facet.SESSION, row.name.session)
            part = _of_course(content, at_ms)
            return _slice(at_ms, part, Pick(Facet.SOURCE, row.name.source), session)
        case CachePage(), ModelCache():
            return _slice(at_ms, _of_course(content, at_ms), Pick(Facet.MODEL, row.model))
        case TriagePage(), Contribution():
            trail = (*content.triage.trail, (row.dimension, row.value))
            return _slice(at_ms, _stretch(content, at_ms), *_picks(trail))
        case QualityPage(), Group():
            trail_of = (*content.trail, Narrow(content.by, row.name))
            return _slice(at_ms, Slice(content.since_ms, content.at_ms + 1), *_narrow(trail_of))
    return None


def _of_pane(pane: Pane, content: object, at_ms: int) -> Shown | None:
    """Return what all of a page rests on."""
    match content:
        case CostsPage() if isinstance(pane, CostHeat):
            heat = content.heat
            cell = (Pick(Facet.WEEKDAY, heat.weekdays[pane.line]), Pick(Facet.HOUR, pane.hour))
            return _slice(at_ms, Slice(heat.since_ms, heat.until_ms), *content.picks, *cell)
        case CostsPage() if isinstance(pane, BurnRates):
            return _slice(at_ms, Slice(at_ms - AVERAGED_MS + 1, at_ms + 1), *content.picks)
        case CostsPage() if isinstance(pane, Endings):
            return _slice(at_ms, Slice(content.burning.since_ms, at_ms + 1))
        case CostsPage() | WhatIfPage():
            return _slice(at_ms, content.shown, *content.picks)
        case CachePage():
            return _slice(at_ms, _of_course(content, at_ms))
        case TriagePage():
            return _slice(at_ms, _stretch(content, at_ms), *_picks(content.triage.trail))
        case QualityPage():
            part = Slice(content.since_ms, content.at_ms + 1)
            return _slice(at_ms, part, *_narrow(content.trail))
        case SessionPage():
            return _agent(content.chain, at_ms)
        case ResponsePage():
            return _slice(at_ms, content.shown)
        case BudgetsPage() if isinstance(pane, Limits) and content.rates:
            return _slice(at_ms, Slice(at_ms - MINUTE_MS + 1, at_ms + 1))
    return None


def _of_budget(row: Standing | GoalStanding, at_ms: int) -> Shown:
    end_ms = at_ms + 1 if row.end_ms is None else min(row.end_ms, at_ms + 1)
    part = Slice(row.start_ms, end_ms)
    return Shown(Number.BUDGET, at_ms, part=part, scopes=row.scopes)


def _requests(at_ms: int, *keys: int) -> Shown:
    return Shown(Number.REQUESTS, at_ms, keys=keys)


def _agent(chain: Chain, at_ms: int) -> Shown:
    source, session, agent = chain
    return Shown(Number.AGENT, at_ms, source=source, session=session, agent=agent)


def _slice(at_ms: int, part: Slice, *picks: Pick) -> Shown:
    return Shown(Number.SLICE, at_ms, part=part, picks=picks)


def _of_course(content: CachePage, at_ms: int) -> Slice:
    """Return the range of the cache screen, which begins with a quarter of an hour."""
    return Slice(content.course.start_ms // QUARTER_MS * QUARTER_MS, at_ms + 1)


def _stretch(content: TriagePage, at_ms: int) -> Slice:
    shown = content.triage.shown
    return Slice(shown.since_ms, min(shown.until_ms, at_ms + 1))


def _picks(trail: Trail) -> Picks:
    return tuple(Pick(Facet[dimension.name], value) for dimension, value in trail)


def _narrow(trail: tuple[Narrow, ...]) -> Picks:
    return tuple(Pick(BY[one.by], one.value) for one in trail)
