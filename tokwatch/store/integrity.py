"""Looks for damage: of the file, and of sums that no longer equal their events."""

from __future__ import annotations

import re

from tokwatch.store.connect import Database
from tokwatch.store.rollups import DayOf, RollUps
from tokwatch.store.sql import CREATE_TEMPORARY

MOST = 5
"""Faults of one file that are told; one damaged page can make thousands."""

_NULL = re.compile(r"NULL value in (\w+)\.(\w+)")


def damage(database: Database) -> list[str]:
    """Return what SQLite finds wrong with its file; PostgreSQL looks after its own."""
    if database.postgres:
        return []
    rows = database.rows("PRAGMA quick_check")
    found = [told for (text,) in rows for told in text.splitlines() if not told.startswith("***")]
    if found == ["ok"]:
        return []
    return [told for told in found if not _is_false(database, told)][:MOST]


def _is_false(database: Database, told: str) -> bool:
    """Tell a false alarm: SQLite before 3.41 sees NULL in columns of tables without row ids."""
    column = _NULL.fullmatch(told)
    if column is None:
        return False
    table, name = column.groups()
    return database.value(f"SELECT 1 FROM {table} WHERE {name} IS NULL LIMIT 1") is None


def differences(database: Database, workspace: int, day_of: DayOf) -> dict[str, int]:
    """Return how many cells of each roll-up differ from the events, as of one moment."""
    with database.snapshot():
        database.script(CREATE_TEMPORARY)
        return RollUps(database, workspace, day_of).differences()
