"""Every way to read the store, in one place: all take a View first, and see only what it may."""

from __future__ import annotations

from tokwatch.store.read_audit import (
    audit_costs,
    audit_events,
    audit_logs,
    audit_merged,
    audit_sessions,
    audit_usage,
)
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
from tokwatch.store.read_facts import FactSum, ToldFact, fact_sums, request_facts
from tokwatch.store.read_ledger import ledgers, rates
from tokwatch.store.read_measures import (
    MeasureBucket,
    MeasureName,
    measure_names,
    measure_series,
    measures,
)
from tokwatch.store.read_sessions import Activity, activity, count_sessions, sessions
from tokwatch.store.read_usage import daily_costs, stored_zone, usage
from tokwatch.store.read_witnesses import Statement, Witnessed, witnesses
from tokwatch.store.view import View, open_view

READS = (
    *(audit_costs, audit_events, audit_logs, audit_merged, audit_sessions, audit_usage),
    *(activity, bounds, count_sessions, daily_costs, events, fact_sums, has_ledgers, ledgers),
    *(log_counts, measure_names, measure_series, measures, model_names, moments),
    *(newest_by_source, newest_ms, project_names, rates, request_facts, sessions, spent),
    *(stored_zone, timeline, usage, witnesses),
)
"""Walked by the test that no user sees another's."""

__all__ = [
    "READS",
    "Activity",
    "FactSum",
    "LogCounts",
    "MeasureBucket",
    "MeasureName",
    "Statement",
    "ToldFact",
    "View",
    "Witnessed",
    "activity",
    "audit_costs",
    "audit_events",
    "audit_logs",
    "audit_merged",
    "audit_sessions",
    "audit_usage",
    "bounds",
    "count_sessions",
    "daily_costs",
    "events",
    "fact_sums",
    "has_ledgers",
    "ledgers",
    "log_counts",
    "measure_names",
    "measure_series",
    "measures",
    "model_names",
    "moments",
    "newest_by_source",
    "newest_ms",
    "open_view",
    "project_names",
    "rates",
    "request_facts",
    "sessions",
    "spent",
    "stored_zone",
    "timeline",
    "usage",
    "witnesses",
]
