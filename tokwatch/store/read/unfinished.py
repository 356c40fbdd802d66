"""Requests of which the logs hold a lower bound only: where their records stand."""

from __future__ import annotations

from typing import NamedTuple

from tokwatch.model.usage import Slice
from tokwatch.store.view import ALL, IMPORTED, View, event_conditions, joins


class Unfinished(NamedTuple):
    """A request that was logged before its answer ended: its record in a log of this machine."""

    key: int
    source: str
    path: str
    offset: int


def unfinished(view: View, part: Slice = ALL, limit: int = 200) -> list[Unfinished]:
    """Return the newest of a range."""
    found = event_conditions(view, part)
    rows = view.database.rows(
        "SELECT t.key, l.source, l.path, t.offset_bytes"
        f" FROM event t {joins(found.tables, scoped=True)} JOIN log l ON l.id = t.log"
        f" WHERE {found.text} AND t.final = 0 AND t.requests > 0 AND l.inode <> '{IMPORTED}'"
        " ORDER BY t.instant_ms DESC, t.key DESC LIMIT ?",
        [*found.values, limit],
    )
    return [Unfinished(*row) for row in rows]
