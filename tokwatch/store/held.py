"""What the store holds of requests while they are settled: reads it, and takes it back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from tokwatch.store.connect import Database
from tokwatch.store.merge import Counted, latest
from tokwatch.store.sql import COPIES, KEEP_COPY, SELECT_COPIES, SELECT_EVENTS, delta_of
from tokwatch.store.view import pieces

Held = tuple[Counted, int]
"""A stored event, and of how many copies it is."""


def copies_of(database: Database, keys: Iterable[int]) -> dict[int, list[Counted]]:
    """Return the stored copies of shared requests by key."""
    copies: defaultdict[int, list[Counted]] = defaultdict(list)
    for part in pieces(list(keys)):
        marks = ", ".join("?" * len(part))
        for row in database.rows(f"{SELECT_COPIES}({marks})", part):
            copies[row[0]].append(Counted._make(row))
    return copies


def events_of(database: Database, keys: Iterable[int]) -> dict[int, Held]:
    """Return the stored events by key, each with how many copies it is of."""
    stored: dict[int, Held] = {}
    for part in pieces(list(keys)):
        marks = ", ".join("?" * len(part))
        for row in database.rows(f"{SELECT_EVENTS}({marks})", part):
            stored[row[0]] = (Counted._make(row[:-1]), row[-1])
    return stored


def keep_copies(database: Database, workspace: int, copies: Iterable[Counted]) -> None:
    """Write copies of shared requests; of each log the last one is kept."""
    marks = f"({workspace:d}, {', '.join('?' * len(Counted._fields))})"
    database.insert(COPIES, marks, list(copies), KEEP_COPY)


def withdraw(database: Database, keys: Sequence[int]) -> None:
    """Take events out of the store and their sums out of the roll-ups."""
    if not keys:
        return
    database.execute("DELETE FROM touched")
    database.executemany("INSERT INTO touched (key) VALUES (?)", [(key,) for key in keys])
    chosen = "e.key IN (SELECT key FROM touched)"
    database.execute(delta_of(f"event e WHERE {chosen}", -1))
    database.execute("DELETE FROM event WHERE key IN (SELECT key FROM touched)")


def merged(before: Iterable[Counted], found: Iterable[Counted]) -> list[Counted]:
    """Return one sighting for each log: the stored ones and those just found."""
    by_log = {copy.log: copy for copy in before}
    for sighting in found:
        stored = by_log.get(sighting.log)
        by_log[sighting.log] = sighting if stored is None else latest(stored, sighting)
    return list(by_log.values())
