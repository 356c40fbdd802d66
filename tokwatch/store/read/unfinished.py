"""Requests of which the logs hold a lower bound only: where their records stand."""

from __future__ import annotations

from typing import Final, NamedTuple

from tokwatch.model.usage import Slice
from tokwatch.store.newest import Wanted, newest_events
from tokwatch.store.view import ALL, IMPORTED, View

_UNFINISHED: Final = Wanted(
    "t.key, l.source, l.path, t.offset_bytes",
    joined="JOIN log l ON l.id = t.log",
    condition=f"t.final = 0 AND t.requests > 0 AND l.inode <> '{IMPORTED}'",
)


class Unfinished(NamedTuple):
    """A request that was logged before its answer ended: its record in a log of this machine."""

    key: int
    source: str
    path: str
    offset: int


def unfinished(view: View, part: Slice = ALL, limit: int = 200) -> list[Unfinished]:
    """Return the newest of a range."""
    rows = newest_events(view, part, _UNFINISHED, limit)
    return [Unfinished(*row) for row in rows]
