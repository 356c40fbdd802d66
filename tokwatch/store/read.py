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
from tokwatch.store.read_bulks import bulks
from tokwatch.store.read_cache import (
    cached_requests,
    day_counts,
    loose_sessions,
    quarter_counts,
    requests_before,
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
from tokwatch.store.read_costs import slice_events, spending, spending_over_time
from tokwatch.store.read_detail import LogDetail, SessionDetail, detail_logs, session_detail
from tokwatch.store.read_detail_range import (
    BlockFact,
    BlockSum,
    CompactionFact,
    FlightFact,
    IncidentFact,
    OfSession,
    TurnFact,
    block_sums,
    compactions,
    flights,
    heaviest_blocks,
    incidents,
    turns,
)
from tokwatch.store.read_events import events, moments, spent, timeline
from tokwatch.store.read_facts import FactSum, ToldFact, fact_sums, facts_by_request, request_facts
from tokwatch.store.read_ledger import ledgers, rates
from tokwatch.store.read_measures import (
    MeasureBucket,
    MeasureName,
    measure_names,
    measure_series,
    measures,
)
from tokwatch.store.read_quality import performance
from tokwatch.store.read_request import StoredRequest, stored_request
from tokwatch.store.read_response_cache import (
    DetailMark,
    answers,
    detail_marks,
    gateway_sums,
    newest_log,
)
from tokwatch.store.read_session import family, requests_mark, session_requests
from tokwatch.store.read_sessions import Activity, activity, count_sessions, sessions
from tokwatch.store.read_triage import (
    costs_over_time,
    dimensions_usage,
    failures,
    known_before,
    memory_files,
)
from tokwatch.store.read_usage import daily_costs, stored_zone, usage
from tokwatch.store.read_witnesses import Statement, Witnessed, witnesses
from tokwatch.store.view import View, open_view

READS = (
    *(family, requests_mark, session_requests),
    *(bulks, facts_by_request, slice_events, spending, spending_over_time, stored_request),
    *(block_sums, compactions, detail_logs, flights, heaviest_blocks, incidents, session_detail),
    *(turns, performance),
    *(audit_costs, audit_events, audit_logs, audit_merged, audit_sessions, audit_usage),
    *(activity, bounds, count_sessions, daily_costs, events, fact_sums, has_ledgers, ledgers),
    *(log_counts, measure_names, measure_series, measures, model_names, moments),
    *(newest_by_source, newest_ms, project_names, rates, request_facts, sessions, spent),
    *(stored_zone, timeline, usage, witnesses),
    *(answers, cached_requests, day_counts, detail_marks, gateway_sums, quarter_counts),
    *(loose_sessions, newest_log, requests_before),
    *(costs_over_time, dimensions_usage, failures, known_before, memory_files),
)
"""Walked by the test that no user sees another's."""

__all__ = [
    "READS",
    "Activity",
    "BlockFact",
    "BlockSum",
    "CompactionFact",
    "DetailMark",
    "FactSum",
    "FlightFact",
    "IncidentFact",
    "LogCounts",
    "LogDetail",
    "MeasureBucket",
    "MeasureName",
    "OfSession",
    "SessionDetail",
    "Statement",
    "StoredRequest",
    "ToldFact",
    "TurnFact",
    "View",
    "Witnessed",
    "activity",
    "answers",
    "audit_costs",
    "audit_events",
    "audit_logs",
    "audit_merged",
    "audit_sessions",
    "audit_usage",
    "block_sums",
    "bounds",
    "bulks",
    "cached_requests",
    "compactions",
    "costs_over_time",
    "count_sessions",
    "daily_costs",
    "day_counts",
    "detail_logs",
    "detail_marks",
    "dimensions_usage",
    "events",
    "fact_sums",
    "facts_by_request",
    "failures",
    "family",
    "flights",
    "gateway_sums",
    "has_ledgers",
    "heaviest_blocks",
    "incidents",
    "known_before",
    "ledgers",
    "log_counts",
    "loose_sessions",
    "measure_names",
    "measure_series",
    "measures",
    "memory_files",
    "model_names",
    "moments",
    "newest_by_source",
    "newest_log",
    "newest_ms",
    "open_view",
    "performance",
    "project_names",
    "quarter_counts",
    "rates",
    "request_facts",
    "requests_before",
    "requests_mark",
    "session_detail",
    "session_requests",
    "sessions",
    "slice_events",
    "spending",
    "spending_over_time",
    "spent",
    "stored_request",
    "stored_zone",
    "timeline",
    "turns",
    "usage",
    "witnesses",
]
