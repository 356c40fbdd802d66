"""Writes databases as the agents do: each in its own schema, in either journal mode."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.sources.road import Spent

AT_S = 1_785_578_400
"""2026-08-01 10:00 UTC."""


class Tool(NamedTuple):
    """One agent's database: where it lies, and how a request gets into it."""

    source: str
    path: Callable[[Path], Path]
    """Where it lies in a home."""
    schema: str
    spend: Callable[[sqlite3.Connection, int, str], None]
    """Add the request of a turn to a session; turns count from 1."""
    each: Spent
    """What each request spends, as far as the tool tells it."""


@contextmanager
def writing(path: Path, journal: str = "delete") -> Iterator[sqlite3.Connection]:
    """Open a database as the tool does, without waiting for anyone; commit at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tables = sqlite3.connect(path, timeout=0)
    tables.execute(f"PRAGMA journal_mode = {journal}")
    tables.execute("PRAGMA wal_autocheckpoint = 0")
    try:
        with tables:
            yield tables
    finally:
        tables.close()


def made(path: Path, schema: str, journal: str = "delete") -> Path:
    """Return a new database without rows."""
    with writing(path, journal) as tables:
        tables.executescript(schema)
    return path


def turns(path: Path, tool: Tool, *those: int) -> Path:
    """Let the tool write some turns and end."""
    if not path.exists():
        made(path, tool.schema)
    with writing(path) as tables:
        for turn in those:
            tool.spend(tables, turn, "s1")
    return path


def insert(tables: sqlite3.Connection, table: str, **fields: object) -> None:
    """Insert one row."""
    marks = ", ".join("?" * len(fields))
    tables.execute(
        f"INSERT INTO {table} ({', '.join(fields)}) VALUES ({marks})", [*fields.values()]
    )


def update(tables: sqlite3.Connection, table: str, name: str, **fields: object) -> None:
    """Update the row with an id."""
    told = ", ".join(f"{field} = ?" for field in fields)
    tables.execute(f"UPDATE {table} SET {told} WHERE id = ?", [*fields.values(), name])
