"""Every way to read the store, in one place: all take a View first, and see only what it may."""

from __future__ import annotations

from tokwatch.store.read_catalogue import (
    LogCounts,
    bounds,
    has_ledgers,
    log_counts,
    model_names,
    newest_by_source,
    newest_ms,
    project_names,
)
from tokwatch.store.read_events import events, moments, spent, timeline
from tokwatch.store.read_ledger import ledgers, rates
from tokwatch.store.read_sessions import Activity, activity, count_sessions, sessions
from tokwatch.store.read_usage import daily_costs, stored_zone, usage
from tokwatch.store.view import View, open_view

READS = (
    *(activity, bounds, count_sessions, daily_costs, events, has_ledgers, ledgers, log_counts),
    *(model_names, moments, newest_by_source, newest_ms, project_names, rates, sessions, spent),
    *(stored_zone, timeline, usage),
)
"""Walked by the test that no user sees another's."""

__all__ = [
    "READS",
    "Activity",
    "LogCounts",
    "View",
    "activity",
    "bounds",
    "count_sessions",
    "daily_costs",
    "events",
    "has_ledgers",
    "ledgers",
    "log_counts",
    "model_names",
    "moments",
    "newest_by_source",
    "newest_ms",
    "open_view",
    "project_names",
    "rates",
    "sessions",
    "spent",
    "stored_zone",
    "timeline",
    "usage",
]
