"""What a store holds: names, bounds and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass

from tokwatch.model import Slice
from tokwatch.store.view import (
    ALL,
    Conditions,
    View,
    between,
    conditions,
    joins,
    place_conditions,
)


@dataclass(frozen=True, slots=True)
class LogCounts:
    """How the logs of one source were read."""

    source: str
    files: int
    bad_lines: int
    oversized_lines: int
    undated: int
    unknown: int
    written_ms: int
    """When the newest of them was written, UTC."""


def bounds(view: View, part: Slice = ALL) -> tuple[int, int] | None:
    """Return the first and the last quarter-hour with usage in a range; None without any."""
    found = conditions(view, part)
    found.add("t.events > 0")
    between(found, "t.quarter_ms", part.since_ms, part.until_ms)
    ends = [
        view.database.value(
            f"SELECT t.quarter_ms FROM quarter t {joins(found.tables, scoped=True)} "
            f"WHERE {found.text} ORDER BY t.quarter_ms {order} LIMIT 1",
            found.values,
        )
        for order in ("ASC", "DESC")
    ]
    return None if ends[0] is None else (ends[0], ends[1])


def model_names(view: View) -> list[str]:
    """Return the models that were used, in order."""
    found = conditions(view, ALL)
    used = (
        f"AND id IN (SELECT t.model FROM day t {joins(found.tables, scoped=False)} "
        f"WHERE {found.text})"
    )
    rows = view.database.rows(
        "SELECT DISTINCT name FROM model WHERE workspace = ? "
        f"{used if view.user is not None else ''} ORDER BY 1",
        [view.workspace, *(found.values if view.user is not None else ())],
    )
    return [row[0] for row in rows]


def project_names(view: View) -> list[str]:
    """Return the projects that were worked in, in order."""
    found = place_conditions(view, ALL)
    rows = view.database.rows(
        f"SELECT DISTINCT p.project FROM place p WHERE {found.text} ORDER BY 1", found.values
    )
    return [row[0] for row in rows]


def log_counts(view: View, sources: tuple[str, ...] = ()) -> list[LogCounts]:
    """Return per source how many logs were read and what could not be.

    A log is a user's when its session is; one without a session is nobody's.
    """
    found = Conditions()
    found.add("t.workspace = ?", view.workspace)
    if view.user is not None:
        found.add(
            "EXISTS (SELECT 1 FROM scope s JOIN place p ON p.id = s.place WHERE "
            "s.workspace = t.workspace AND s.session = t.session AND p.user_name = ?)",
            view.user,
        )
    found.among("t.source", sources)
    rows = view.database.rows(
        "SELECT t.source, CAST(count(*) AS BIGINT), CAST(sum(t.bad_lines) AS BIGINT), "
        "CAST(sum(t.oversized_lines) AS BIGINT), CAST(sum(t.undated) AS BIGINT), "
        "CAST(sum(t.unknown) AS BIGINT), max(t.mtime_ns) / 1000000 "
        f"FROM log t WHERE {found.text} GROUP BY 1 ORDER BY 1",
        found.values,
    )
    return [LogCounts(*row) for row in rows]
