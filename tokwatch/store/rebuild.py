"""Makes anew what can be derived: roll-ups from events, events from the logs that are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tokwatch.store.connect import Database
from tokwatch.store.rollups import DayOf, RollUps
from tokwatch.store.sql import CREATE_TEMPORARY

_ANEW: Final = -1
"""Size and version in the cursor of a log that is to be read from its start: no log's own."""


def rebuild(database: Database, workspace: int, day_of: DayOf) -> dict[str, int]:
    """Make the roll-ups anew and return how many cells of each had differed from the events."""
    database.script(CREATE_TEMPORARY)
    with database.transaction():
        return RollUps(database, workspace, day_of).rebuild()


def outdated(
    database: Database, workspace: int, machine: str, versions: Mapping[str, int]
) -> list[str]:
    """Return the logs that another version of their source's parser read."""
    return [
        path
        for source, version in versions.items()
        for (path,) in database.rows(
            "SELECT path FROM log WHERE workspace = ? AND machine = ? AND source = ?"
            " AND version <> ? ORDER BY path",
            (workspace, machine, source, version),
        )
    ]


def read_anew(
    database: Database, workspace: int, machine: str, versions: Mapping[str, int], *, every: bool
) -> None:
    """Let the next ingest read outdated logs, or every log, from the start.

    What a log told is taken back when it is read anew; what a log told that is gone stays.
    """
    with database.transaction():
        for source, version in versions.items():
            database.execute(
                "UPDATE log SET size = ?, version = ? WHERE workspace = ? AND machine = ?"
                " AND source = ?" + ("" if every else f" AND version <> {version:d}"),
                (_ANEW, _ANEW, workspace, machine, source),
            )
