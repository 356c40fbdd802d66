"""What endpoints told: how each part does, and their own sums, which are no events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Final

from tokwatch.model.endpoint import (
    COUNTED,
    GAUGES,
    Bucket,
    EndpointState,
    PollState,
    ReportSum,
)
from tokwatch.model.measure import Measure
from tokwatch.model.units import DAY_MS
from tokwatch.model.usage import Slice
from tokwatch.store.connect import Database, Row
from tokwatch.store.endpoints import COLUMNS
from tokwatch.store.read.measures import measures
from tokwatch.store.view import ALL, Conditions, View, between

_OF_DAY: Final = ("report", "begin_ms", "model", "provider", "key_name")
_STATE: Final = tuple(field.name for field in fields(EndpointState))


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


def report_sums(view: View, part: Slice = ALL, most_width_ms: int = 0) -> list[ReportSum]:
    """Return the sums of every report over a range; only its times and models apply.

    With a width only buckets that are no wider count.
    """
    found = _conditions(view, part)
    if most_width_ms:
        found.add("t.width_ms <= ?", most_width_ms)
    sums = ", ".join(f"CAST(sum(t.{column}) AS BIGINT)" for column in COUNTED)
    rows = view.database.rows(
        "SELECT t.endpoint, t.report, CAST(count(*) AS BIGINT), min(t.begin_ms), max(t.begin_ms),"
        f" {sums} FROM usage_bucket t WHERE {found.text} GROUP BY 1, 2 ORDER BY 1, 2",
        found.values,
    )
    return [ReportSum(*row) for row in rows]


def usage_buckets(view: View, endpoint: str, part: Slice = ALL) -> list[Bucket]:
    """Return the buckets of an endpoint that begin in a range, the oldest first."""
    return _buckets(view, endpoint, part, {})


def days_of_buckets(view: View, endpoint: str, part: Slice = ALL) -> list[Bucket]:
    """Return the same summed by UTC day, report, model, provider and key.

    Of a day, `width_ms` is that of its widest bucket.
    """
    whole = dict.fromkeys(("project", "user_name", "tier", "item"), "''")
    day = {"begin_ms": f"t.begin_ms / {DAY_MS} * {DAY_MS}", "width_ms": "max(t.width_ms)"}
    sums = {column: f"CAST(sum(t.{column}) AS BIGINT)" for column in COUNTED}
    return _buckets(view, endpoint, part, whole | day | sums)


def _buckets(view: View, endpoint: str, part: Slice, instead: Mapping[str, str]) -> list[Bucket]:
    """Return buckets with expressions in place of some columns; sums are by all the others."""
    found = _conditions(view, part)
    found.add("t.endpoint = ?", endpoint)
    columns = [f"{instead.get(column, f't.{column}')} AS {column}" for column in COLUMNS]
    grouped = ", ".join(str(COLUMNS.index(column) + 1) for column in _OF_DAY) if instead else ""
    rows = view.database.rows(
        f"SELECT {', '.join(columns)} FROM usage_bucket t WHERE {found.text}"
        + (f" GROUP BY {grouped}" if grouped else "")
        + f" ORDER BY 2, {', '.join(str(place) for place in range(1, 11))}",
        found.values,
    )
    return [Bucket(*row) for row in rows]


def newest_gauges(view: View, since_ms: int) -> list[Measure]:
    """Return the newest value of every gauge that an endpoint told since an instant."""
    newest: dict[tuple[object, ...], Measure] = {}
    for name in GAUGES:
        for one in measures(view, name, Slice(since_ms)):
            if one.origin == "endpoint":
                newest[one.name, one.tags] = one
    return list(newest.values())


def _conditions(view: View, part: Slice) -> Conditions:
    """Return what buckets t must fulfil: a user sees those of their name."""
    found = Conditions()
    found.add("t.workspace = ?", view.workspace)
    between(found, "t.begin_ms", part.since_ms, part.until_ms)
    found.among("t.model", part.models)
    if view.user is not None:
        found.add("t.user_name = ?", view.user)
    return found
