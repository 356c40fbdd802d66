"""How a store does: its size, its schema, and how much of the conversations it holds."""

from __future__ import annotations

from typing import NamedTuple

from tokwatch.store.connect import Database
from tokwatch.store.store import REVISION, stored_revision
from tokwatch.store.view import View, log_conditions


class StoreFacts(NamedTuple):
    """One store, all workspaces together."""

    name: str
    """The file's path, or the server's host and database."""
    is_postgres: bool
    size_bytes: int
    revision: str
    """Of its schema."""
    is_newest: bool
    """Whether that is the schema that this tokwatch knows."""
    notice: str
    """What one should know about it, such as that a newer tokwatch wrote it."""


def store_facts(view: View) -> StoreFacts:
    """Return how the store of a view does."""
    database = view.database
    revision = stored_revision(database) or ""
    return StoreFacts(
        *(database.name, database.postgres, _size_bytes(database), revision),
        is_newest=revision == REVISION,
        notice=database.notice,
    )


def _size_bytes(database: Database) -> int:
    """Return what the store takes, in SQLite without the log of what is being written."""
    if database.postgres:
        return int(database.value("SELECT pg_database_size(current_database())"))
    pages: int = database.value("PRAGMA page_count")
    page_bytes: int = database.value("PRAGMA page_size")
    return pages * page_bytes


def detail_counts(view: View) -> dict[str, int]:
    """Return by source of how many logs the conversation was read, in whole or in part."""
    found = log_conditions(view)
    rows = view.database.rows(
        "SELECT g.source, CAST(count(*) AS BIGINT) FROM detail_log d JOIN log g ON g.id = d.log"
        f" WHERE {found.text} GROUP BY 1 ORDER BY 1",
        found.values,
    )
    return {row[0]: row[1] for row in rows}
