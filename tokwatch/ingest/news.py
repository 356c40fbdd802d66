"""Whether another process has written to a store since it was looked at last."""

from __future__ import annotations

from tokwatch.store.connect import Database


def has_news(database: Database | None, seen: object) -> bool:
    """Tell whether another process has written; the next picture tells of what cannot be asked."""
    try:
        return changes(database) != seen
    except Exception:  # a worker's top
        return True


def changes(database: Database | None) -> object:
    """Return what differs once another process has written to the store."""
    if database is None:
        return None
    if database.postgres:
        return database.value("SELECT pg_current_wal_insert_lsn()")
    return database.value("PRAGMA data_version")
