"""What endpoints told: how each part does, and their own sums, which are no events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokwatch.model.endpoint import (
    COUNTED,
    GAUGES,
    Bucket,
    EndpointState,
    PollState,
    ReportSpan,
    ReportSum,
)
from tokwatch.model.measure import Measure
from tokwatch.model.units import DAY_MS
from tokwatch.model.usage import Slice
from tokwatch.store.connect import Database, Row
from tokwatch.store.read.measures import measures
from tokwatch.store.view import ALL, Conditions, View, between

_OF_DAY: Final = "t.model, t.provider, t.user_name, t.key_name"
_STATE: Final = EndpointState.__struct_fields__


def endpoint_states(view: View) -> list[EndpointState]:
    """Return how every part of every endpoint does that was ever polled."""
    return stored_states(view.database, view.workspace)


def stored_states(database: Database, workspace: int) -> list[EndpointState]:
    """Return the same by the number of the workspace."""
    rows = database.rows(
        f"SELECT {', '.join(_STATE)} FROM endpoint WHERE workspace = ? ORDER BY name, part",
        (workspace,),
    )
    return [_state(row) for row in rows]


def _state(row: Row) -> EndpointState:
    told = dict(zip(_STATE, row, strict=True))
    told |= {"state": PollState(told["state"]), "paused": bool(told["paused"])}
    return EndpointState(**told)


def report_spans(view: View) -> list[ReportSpan]:
    """Return every report that ever told anything, and when its first and last buckets begin."""
    found: list[ReportSpan] = []
    for endpoint, report in _all_reports(view):
        one = _conditions(view, ALL, endpoint, report)
        [(first_ms, last_ms)] = view.database.rows(
            "SELECT (SELECT min(t.begin_ms) FROM usage_bucket t WHERE "
            f"{one.text}), (SELECT max(t.begin_ms) FROM usage_bucket t WHERE {one.text})",
            [*one.values, *one.values],
        )
        if first_ms is not None:
            found.append(ReportSpan(endpoint, report, first_ms, last_ms))
    return found


def report_sums(view: View, part: Slice = ALL, most_width_ms: int = 0) -> list[ReportSum]:
    """Return the sums of every report over a range; only its times and models apply.

    With a width only buckets that are no wider count.
    """
    sums = ", ".join(f"CAST(sum(t.{column}) AS BIGINT)" for column in COUNTED)
    found = []
    for endpoint, report in _all_reports(view):
        one = _conditions(view, part, endpoint, report)
        if most_width_ms:
            one.add("t.width_ms <= ?", most_width_ms)
        [row] = view.database.rows(
            "SELECT CAST(count(*) AS BIGINT), min(t.begin_ms), max(t.begin_ms),"
            f" {sums} FROM usage_bucket t WHERE {one.text}",
            one.values,
        )
        if row[0]:
            found.append(ReportSum(endpoint, report, *row))
    return found


def days_of_buckets(view: View, endpoint: str, part: Slice = ALL) -> list[Bucket]:
    """Return an endpoint's buckets summed by UTC day, report, model, provider, user and key.

    Of a day, `width_ms` is that of its widest bucket.
    """
    sums = ", ".join(f"CAST(sum(t.{column}) AS BIGINT)" for column in COUNTED)
    found = []
    for report in _reports(view, endpoint):
        one = _conditions(view, part, endpoint, report)
        rows = view.database.rows(
            f"SELECT t.begin_ms / {DAY_MS} * {DAY_MS}, max(t.width_ms), {_OF_DAY}, {sums}"
            f" FROM usage_bucket t WHERE {one.text} GROUP BY 1, {_OF_DAY} ORDER BY 1, {_OF_DAY}",
            one.values,
        )
        for begin_ms, width_ms, model, provider, user, key, *counts in rows:
            plain = Bucket(report, begin_ms, width_ms, model, provider, "", user, key)
            found.append(plain._replace(**dict(zip(COUNTED, counts, strict=True))))
    return sorted(found, key=lambda one: (one.begin_ms, one.report))


def _all_reports(view: View) -> list[tuple[str, str]]:
    return [(name, report) for name in _endpoints(view) for report in _reports(view, name)]


def _endpoints(view: View) -> Iterator[str]:
    """Yield the endpoints that told anything; each is found by one step in the order of the key."""
    last: str | None = ""
    while last is not None:
        last = view.database.value(
            "SELECT t.endpoint FROM usage_bucket t WHERE t.workspace = ? AND t.endpoint > ?"
            " ORDER BY t.endpoint LIMIT 1",
            (view.workspace, last),
        )
        if last is not None:
            yield last


def _reports(view: View, endpoint: str) -> Iterator[str]:
    """Yield the reports of an endpoint, likewise."""
    last: str | None = ""
    while last is not None:
        last = view.database.value(
            "SELECT t.report FROM usage_bucket t WHERE t.workspace = ? AND t.endpoint = ?"
            " AND t.report > ? ORDER BY t.report LIMIT 1",
            (view.workspace, endpoint, last),
        )
        if last is not None:
            yield last


def newest_gauges(view: View, since_ms: int) -> list[Measure]:
    """Return the newest value of every gauge that an endpoint told since an instant."""
    newest: dict[tuple[object, ...], Measure] = {}
    for name in GAUGES:
        for one in measures(view, name, Slice(since_ms)):
            if one.origin == "endpoint":
                newest[one.name, one.tags] = one
    return list(newest.values())


def _conditions(view: View, part: Slice, endpoint: str, report: str) -> Conditions:
    """Return what buckets t of a report must fulfil: a user sees those of their name."""
    found = Conditions()
    found.add("t.workspace = ?", view.workspace)
    found.add("t.endpoint = ?", endpoint)
    found.add("t.report = ?", report)
    between(found, "t.begin_ms", part.since_ms, part.until_ms)
    found.among("t.model", part.models)
    if view.user is not None:
        found.add("t.user_name = ?", view.user)
    return found
