"""Deletes what was told of logs' detail."""

from __future__ import annotations

from typing import Final

from tokwatch.store.connect import Database

TABLES: Final = ("block", "turn", "compaction", "incident", "delegation", "flight")
"""What is told of each strand."""


def forget(database: Database, logs: str) -> None:
    """Delete all that was told of logs' detail, in the caller's transaction; a query names them."""
    forget_strands(database, f"SELECT id FROM strand WHERE log IN ({logs})")
    database.execute(f"DELETE FROM detail_log WHERE log IN ({logs})")


def forget_strands(database: Database, strands: str) -> None:
    """Delete some agents' conversations, in the caller's transaction; a query names them."""
    for table in TABLES:
        database.execute(f"DELETE FROM {table} WHERE strand IN ({strands})")
    database.execute(f"DELETE FROM strand WHERE id IN ({strands})")
