"""Titles of sessions that a database keeps in a table of its own."""

from __future__ import annotations

from pathlib import Path

from tokwatch.sources.columns import rows_of
from tokwatch.sources.tables import open_tables
from tokwatch.sources.text import safe_title


def title_in(path: Path, table: str, session: str, *columns: str) -> str:
    """Return the first of some columns that names a session; "" where none does."""
    try:
        with open_tables(path) as tables:
            for row in rows_of(tables, table, columns, "WHERE id = ?", (session,)):
                titles = (safe_title(name) for name in row.values() if isinstance(name, str))
                return next((title for title in titles if title), "")
    except OSError:
        pass
    return ""
