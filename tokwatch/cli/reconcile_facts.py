"""Asks the store what logs and endpoints tell of a range of UTC days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from tokwatch.analysis.reconciliation import BY, Reconciliation, reconcile
from tokwatch.model.endpoint import Bucket, EndpointState, ReportSum
from tokwatch.model.reconciliation import Report
from tokwatch.model.units import DAY_MS, QUARTER_MS
from tokwatch.model.usage import Cell, CostMode, Slice
from tokwatch.prices.names import normalise
from tokwatch.store.read.endpoints import days_of_buckets, endpoint_states, report_sums
from tokwatch.store.read.usage import usage
from tokwatch.store.view import View

GROWTH: Final = "metrics"
"""The part that tells the reports that are named after a server."""
HOUR_MS: Final = 3_600_000


def read_reconciliation(view: View, days: range, mode: CostMode) -> Reconciliation:
    """Return logs and reports of a range side by side; days count from 1970-01-01 in UTC."""
    part = Slice(days.start * DAY_MS, days.stop * DAY_MS)
    states = {(one.name, one.part): one for one in endpoint_states(view)}
    sums = report_sums(view)
    buckets = {name: days_of_buckets(view, name, part) for name in {one.endpoint for one in sums}}
    reports = [_report(view, one, buckets[one.endpoint], states, part) for one in sums]
    cells = usage(view, part, BY)
    logged = (str(cell.group[3]) for cell in cells)
    told = (bucket.model for report in reports for bucket in report.buckets)
    spellings = {name: (name, *normalise(name)) for name in {*logged, *told}}
    return reconcile(cells, reports, days, spellings, mode)


def _report(
    view: View,
    sums: ReportSum,
    found: Iterable[Bucket],
    states: Mapping[tuple[str, str], EndpointState],
    part: Slice,
) -> Report:
    buckets = tuple(one for one in found if one.report == sums.report)
    state = states.get((sums.endpoint, sums.report)) or states.get((sums.endpoint, GROWTH))
    width_ms = max((one.width_ms for one in buckets), default=HOUR_MS)
    told_ms = max(sums.last_ms, (state.succeeded_ms or 0) if state else 0)
    return Report(
        *(sums.endpoint, sums.report, state.kind if state else ""),
        *(buckets, sums.first_ms, told_ms),
        earlier=_earlier(view, sums.first_ms, part),
        later=_later(view, told_ms - max(width_ms, QUARTER_MS), part),
    )


def _earlier(view: View, first_ms: int, part: Slice) -> tuple[Cell, ...]:
    """Return the logs of the day of an instant, before it."""
    day_ms = first_ms // DAY_MS * DAY_MS
    if first_ms == day_ms or not part.since_ms <= first_ms < part.until_ms:
        return ()
    return tuple(usage(view, Slice(day_ms, first_ms), BY))


def _later(view: View, open_ms: int, part: Slice) -> tuple[Cell, ...]:
    """Return the logs from the quarter of an hour of an instant on."""
    since_ms = max(part.since_ms, open_ms // QUARTER_MS * QUARTER_MS)
    if since_ms >= part.until_ms:
        return ()
    return tuple(usage(view, Slice(since_ms, part.until_ms), BY))
