"""What a store holds: names, bounds and what went wrong."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from tokwatch.model.units import DAY_MS, OPEN_END_MS
from tokwatch.model.usage import Slice
from tokwatch.store.newest import Wanted, newest_events
from tokwatch.store.view import (
    ALL,
    View,
    between,
    conditions,
    joins,
    log_conditions,
    place_conditions,
)

LOOKED_BACK: Final = (7, 60, OPEN_END_MS // DAY_MS)
"""Days that are looked at for the last one of a source, one after the other."""


class LogCounts(Struct, frozen=True):
    """How the logs of one source were read."""

    source: str
    files: int
    bad_lines: int
    oversized_lines: int
    undated: int
    unknown: int
    repeated: int
    """Records that a later one of the same request in the same log replaced."""
    sample: str
    """Names of the fields of one record of an unknown shape."""


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


def newest_ms(view: View) -> int:
    """Return the instant of the last event, 0 without any."""
    rows = newest_events(view, ALL, Wanted("t.instant_ms"), 1)
    return rows[0][0] if rows else 0


def newest_by_source(view: View) -> dict[str, int]:
    """Return the start of the last quarter-hour with usage of each source, in UTC ms."""
    newest: dict[str, int] = {}
    for source, day in _last_days(view).items():
        # A day of the stored zone lies within the day before and the one after of UTC.
        around = Slice((day - 1) * DAY_MS, (day + 2) * DAY_MS, (source,))
        if ends := bounds(view, around):
            newest[source] = ends[1]
    return newest


def _last_days(view: View) -> dict[str, int]:
    """Return the last day of each source; further back it is looked for where one is missing."""
    ends, places = bounds(view), place_conditions(view, ALL)
    if ends is None:
        return {}
    known = view.database.rows(
        f"SELECT DISTINCT p.source FROM place p WHERE {places.text} ORDER BY 1", places.values
    )
    sources, last = {row[0] for row in known}, ends[1] // DAY_MS
    found: dict[str, int] = {}
    for days in LOOKED_BACK:
        if missing := sorted(sources - found.keys()):
            within = conditions(view, Slice(sources=tuple(missing)))
            between(within, "t.day", last - days, OPEN_END_MS)
            found |= view.database.rows(
                "SELECT p.source, max(t.day) FROM day t "
                f"{joins(within.tables, scoped=False)} WHERE {within.text} AND t.events > 0 "
                "GROUP BY 1",
                within.values,
            )
    return dict(sorted(found.items()))


def has_ledgers(view: View) -> bool:
    """Tell whether any tool told totals of its own."""
    found = log_conditions(view)
    sql = f"SELECT 1 FROM ledger l JOIN log g ON g.id = l.log WHERE {found.text} LIMIT 1"
    return view.database.value(sql, found.values) is not None


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
    """Return per source how many logs were read and what could not be."""
    found = log_conditions(view)
    found.among("g.source", sources)
    rows = view.database.rows(
        "SELECT g.source, CAST(count(*) AS BIGINT), CAST(sum(g.bad_lines) AS BIGINT), "
        "CAST(sum(g.oversized_lines) AS BIGINT), CAST(sum(g.undated) AS BIGINT), "
        "CAST(sum(g.unknown) AS BIGINT), CAST(sum(g.repeated) AS BIGINT) "
        f"FROM log g WHERE {found.text} GROUP BY 1 ORDER BY 1",
        found.values,
    )
    # Apart from the counts, which are read from an index alone: rows of logs are long.
    samples: dict[str, str] = dict(
        view.database.rows(
            "SELECT g.source, max(g.sample) FROM log g "
            f"WHERE {found.text} AND g.sample <> '' GROUP BY 1",
            found.values,
        )
    )
    return [LogCounts(*(*row, samples.get(row[0], ""))) for row in rows]
