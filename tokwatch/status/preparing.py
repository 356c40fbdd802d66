"""Prepares the answers of `check` and of the status line: settings and store made into queries."""

from __future__ import annotations

import os
from typing import Final

from tokwatch.analysis.budgets.running_out import NEVER
from tokwatch.analysis.budgets.standing import standing_of
from tokwatch.analysis.budgets.windows import Window, calendar_window
from tokwatch.analysis.calendar import calendar_of
from tokwatch.budgets.budgeting import budget_window, budgets_of, standings
from tokwatch.budgets.reading import AGENT, MODEL, PROJECT, Reader, Use
from tokwatch.config import Config
from tokwatch.ingest.chosen import chosen_sources, roots_of, surroundings
from tokwatch.ingest.freshness import is_fresh
from tokwatch.model.budget import Budget, Length, Scope, is_several
from tokwatch.model.calendar import Calendar
from tokwatch.model.facets import NOTHING
from tokwatch.model.standing import Standing
from tokwatch.model.units import DAY_MS, OPEN_END_MS
from tokwatch.model.usage import CostMode
from tokwatch.sources.tables import is_database
from tokwatch.status.prepared import (
    FILE,
    LOGS,
    Asked,
    Line,
    Values,
    key_of,
    stamp,
    store_stamps,
    write_file,
)
from tokwatch.store.connect import store_file
from tokwatch.store.quick_queries import cost_since_query, newest_query, open_alerts_query
from tokwatch.store.statuses import statuses
from tokwatch.store.store import open_existing, workspace_id
from tokwatch.store.view import View, open_view
from tokwatch.zones import find_zone

BY_CALENDAR: Final = (Length.DAY, Length.WEEK, Length.MONTH)
"""Lengths of time that the clock alone begins and ends."""
PAST_DAYS: Final = 400


def calendar_at(config: Config, at_ms: int) -> Calendar:
    """Return the calendar around a moment."""
    name, zone = find_zone(config.general.timezone)
    return calendar_of(zone, name, at_ms - PAST_DAYS * DAY_MS, at_ms + 40 * DAY_MS)


def line(one: Standing) -> Line:
    """Return a standing as `check` tells it."""
    return Line(
        *(one.name, one.subject, one.unit, one.tokens, one.period, one.start_ms, one.end_ms),
        *(one.limit, one.spent, one.lower_bound, one.is_estimate),
        tuple((scope.dimension, scope.name) for scope in one.scopes),
        one.split,
    )


def all_lines(view: View, config: Config, at_ms: int, only: str = "") -> list[Line]:
    """Return how budgets stand, looked at closely."""
    return [line(one) for one in standings(view, config, at_ms, calendar_at(config, at_ms), only)]


def prepare(config: Config, asked: Asked, at_ms: int) -> Values | None:
    """Return what answers need and keep it for the next call; None where there is no store.

    Of a store at an address nothing is kept: its address may hold a password.
    """
    file = store_file(config.store.url, config.data)
    stamps = None if file is None else store_stamps(str(file))
    database = open_existing(config.store.url, config.data)
    if database is None:
        return None
    try:
        workspace = workspace_id(database, config.general.workspace)
        if workspace is None or database.notice:
            return None
        view = open_view(database, config.general.workspace)
        made = _made(config, asked, at_ms, view) | {"store": str(file or config.store.url)}
        if any(one["queries"] is None for one in made["budgets"]):
            lines = all_lines(view, config, at_ms)
            made["told"] = {"stamps": stamps, "at_ms": at_ms, "lines": lines}
        logs = list(statuses(database, workspace, config.general.machine))
    finally:
        database.close()
    if file is not None:
        write_file(os.path.join(config.data, FILE), made)
        _note_logs(config, made, logs)
    return made


def _made(config: Config, asked: Asked, at_ms: int, view: View) -> Values:
    calendar = calendar_at(config, at_ms)
    reader = Reader(view, at_ms, calendar, CostMode(config.prices.mode))
    windows = {
        length: calendar_window(length, at_ms, calendar, config.week.starts)
        for length in BY_CALENDAR
    }
    budgets = [(one, budget_window(reader, one, config)) for one in budgets_of(config)]
    ends = [window.end_ms for _, window in budgets if window and window.end_ms]
    files = [str(path) for path in config.request.files]
    return {
        "key": key_of(asked),
        "files": files,
        "stamps": [stamp(path) for path in files],
        "since_ms": windows[Length.DAY].start_ms,
        "until_ms": min([*ends, windows[Length.DAY].end_ms or at_ms]),
        "workspace": view.workspace,
        "sums": {
            length.value: reader.queries(_whole(window)) for length, window in windows.items()
        },
        "budgets": [_budget(reader, one, window) for one, window in budgets],
        "format": config.statusline.format,
        "burn_minutes": config.burn.minutes,
        "burn": cost_since_query(view, reader.mode),
        "newest": newest_query(view),
        "alerts": open_alerts_query(view),
        "session_cost": reader.session_query(()),
        "equivalent": config.plan.subscription,
    }


def _whole(window: Window, scopes: tuple[Scope, ...] = ()) -> Use:
    """Return all use of a window: also what is to come."""
    return Use(window.start_ms, window.end_ms or OPEN_END_MS, scopes)


def _budget(reader: Reader, budget: Budget, window: Window | None) -> Values:
    """Return a budget as queries; without any where its time or names must be looked for."""
    is_plain = not budget.each and all(_is_known(reader, one) for one in budget.scopes)
    shown = window or Window(0, None)
    told = line(standing_of(budget, shown, NOTHING, reader.at_ms, NEVER))._asdict()
    queries = own = None
    if budget.per is Length.SESSION and is_plain:
        own = reader.session_query(budget.scopes)
    elif window is not None and is_plain:
        queries = reader.queries(_whole(shown, budget.scopes))
    return told | {"queries": queries, "session": own}


def _is_known(reader: Reader, scope: Scope) -> bool:
    """Tell whether what has this name is known: a project or model of it may appear later."""
    if scope.dimension == PROJECT:
        return "/" in scope.name or reader.projects(scope.name) != [scope.name]
    if scope.dimension == MODEL:
        return not is_several(scope.name)
    return scope.dimension != AGENT


def _note_logs(config: Config, made: Values, logs: list[str]) -> None:
    """Keep how logs and their folders look, if the store holds all that they tell."""
    found = {
        path: stamp(path)
        for log in logs
        for path in ((log, f"{log}-wal") if is_database(log) else (log,))
    }
    for folder in _folders(config):
        found[folder] = stamp(folder)
    if is_fresh(config):
        known = {"key": made["key"], "stamps": made["stamps"], "logs": found}
        write_file(os.path.join(config.data, LOGS), known)


def _folders(config: Config) -> list[str]:
    """Return every folder in which a log may appear, whether it is there or not."""
    found: set[str] = set()
    where = surroundings()
    for source in chosen_sources(config):
        for root in roots_of(source, config, where):
            path = str(root.path)
            found |= {path, os.path.dirname(path)}
            if not root.shallow:
                found.update(folder for folder, _, _ in os.walk(path))
    return sorted(found)
