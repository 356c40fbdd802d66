"""Asks the store what logs and endpoints tell of UTC days, a day at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from tokwatch.analysis.reconciliation import BY, Reconciliation, reconcile
from tokwatch.model.endpoint import Bucket, EndpointState, ReportSpan
from tokwatch.model.reconciliation import Report
from tokwatch.model.units import DAY_MS, HOUR_MS, QUARTER_MS
from tokwatch.model.usage import Cell, CostMode, Slice
from tokwatch.prices.names import normalise
from tokwatch.store.read.endpoints import days_of_buckets, endpoint_states, report_spans
from tokwatch.store.read.usage import usage
from tokwatch.store.view import View

GROWTH: Final = "metrics"
"""The part that tells the reports that are named after a server."""
States = Mapping[tuple[str, str], EndpointState]


class DayFacts(Struct, frozen=True):
    """What logs and endpoints tell of one UTC day."""

    cells: tuple[Cell, ...]
    buckets: Mapping[str, tuple[Bucket, ...]]
    """By endpoint, summed over the day."""

    @property
    def requests(self) -> int:
        """About how much was read for it."""
        told = sum(one.requests or 0 for some in self.buckets.values() for one in some)
        return told + sum(cell.usage.requests for cell in self.cells)


def day_facts(view: View, day: int, endpoints: Iterable[str]) -> DayFacts:
    """Read a day, which counts from 1970-01-01 in UTC."""
    part = Slice(day * DAY_MS, (day + 1) * DAY_MS)
    buckets = {name: tuple(days_of_buckets(view, name, part)) for name in endpoints}
    return DayFacts(tuple(usage(view, part, BY)), buckets)


def read_reconciliation(view: View, days: range, mode: CostMode) -> Reconciliation:
    """Return logs and reports of a range side by side."""
    spans = report_spans(view)
    endpoints = {one.endpoint for one in spans}
    facts = [day_facts(view, day, endpoints) for day in days]
    return reconciled(view, days, facts, spans, mode)


def reconciled(
    view: View,
    days: range,
    facts: Sequence[DayFacts],
    spans: Sequence[ReportSpan],
    mode: CostMode,
) -> Reconciliation:
    """Return what was read of days side by side."""
    states = {(one.name, one.part): one for one in endpoint_states(view)}
    reports = [_report(view, one, facts, states, days) for one in spans]
    cells = [cell for one in facts for cell in one.cells]
    logged = (str(cell.group[3]) for cell in cells)
    told = (bucket.model for report in reports for bucket in report.buckets)
    spellings = {name: (name, *normalise(name)) for name in {*logged, *told}}
    return reconcile(cells, reports, days, spellings, mode)


def _report(
    view: View, span: ReportSpan, facts: Sequence[DayFacts], states: States, days: range
) -> Report:
    found = (one for day in facts for one in day.buckets.get(span.endpoint, ()))
    buckets = tuple(one for one in found if one.report == span.report)
    state = states.get((span.endpoint, span.report)) or states.get((span.endpoint, GROWTH))
    width_ms = max((one.width_ms for one in buckets), default=HOUR_MS)
    told_ms = max(span.last_ms, (state.succeeded_ms or 0) if state else 0)
    return Report(
        *(span.endpoint, span.report, state.kind if state else ""),
        *(buckets, span.first_ms, told_ms),
        earlier=_earlier(view, span.first_ms, days),
        later=_later(view, told_ms - max(width_ms, QUARTER_MS), told_ms, days),
    )


def _earlier(view: View, first_ms: int, days: range) -> tuple[Cell, ...]:
    """Return the logs of the day of an instant, before it."""
    day_ms = first_ms // DAY_MS * DAY_MS
    if first_ms == day_ms or first_ms // DAY_MS not in days:
        return ()
    return tuple(usage(view, Slice(day_ms, first_ms), BY))


def _later(view: View, open_ms: int, told_ms: int, days: range) -> tuple[Cell, ...]:
    """Return the logs from the quarter of an hour of an instant on, up to the day of the report."""
    since_ms = max(days.start * DAY_MS, open_ms // QUARTER_MS * QUARTER_MS)
    until_ms = min(days.stop * DAY_MS, (told_ms // DAY_MS + 1) * DAY_MS)
    if since_ms >= until_ms:
        return ()
    return tuple(usage(view, Slice(since_ms, until_ms), BY))
