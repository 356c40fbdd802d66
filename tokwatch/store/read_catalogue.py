"""What a store holds: names, bounds and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass

from tokwatch.model import Dimension, Slice
from tokwatch.store.view import (
    ALL,
    MODEL_COLUMNS,
    PLACE_COLUMNS,
    Conditions,
    View,
    conditions,
    joins,
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


def bounds(view: View) -> tuple[int, int] | None:
    """Return the first and the last quarter-hour with usage; None without any."""
    found = conditions(view, ALL)
    ends = [
        view.database.value(
            f"SELECT t.quarter_ms FROM quarter t {joins(found.tables, scoped=True)} "
            f"WHERE {found.text} AND t.events > 0 ORDER BY t.quarter_ms {order} LIMIT 1",
            found.values,
        )
        for order in ("ASC", "DESC")
    ]
    return None if ends[0] is None else (ends[0], ends[1])


def names(view: View, dimension: Dimension, part: Slice = ALL) -> list[str]:
    """Return the values of a dimension of models or places that have usage, in order."""
    column = {**PLACE_COLUMNS, **MODEL_COLUMNS}[dimension]
    found = conditions(view, part)
    rows = view.database.rows(
        f"SELECT DISTINCT {column} FROM day t "
        f"{joins(found.tables | {column[0]}, scoped=False)} WHERE {found.text} "
        "AND t.events > 0 ORDER BY 1",
        found.values,
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
        f"CAST(sum(t.unknown) AS BIGINT) FROM log t WHERE {found.text} GROUP BY 1 ORDER BY 1",
        found.values,
    )
    return [LogCounts(*row) for row in rows]
