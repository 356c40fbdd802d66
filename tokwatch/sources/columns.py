"""Rows of a tool's tables, whatever its version: a column that is not there reads as None."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final

ROW: Final = "rowid"


def hold(tables: sqlite3.Connection) -> None:
    """Let all that is read from here on be of one moment, whatever is written meanwhile."""
    tables.execute("BEGIN")


def columns_of(tables: sqlite3.Connection, table: str) -> frozenset[str]:
    """Return the names of a table's columns; none where there is no such table."""
    return frozenset(name for _, name, *_ in tables.execute(f"PRAGMA table_info({table})"))


def rows_of(
    tables: sqlite3.Connection,
    table: str,
    wanted: Sequence[str],
    rest: str = "",
    values: Sequence[object] = (),
) -> Iterator[dict[str, Any]]:
    """Yield the wanted columns of a table's rows; nothing where there is no such table.

    `rest` follows the table's name and may only use columns of every version.
    """
    there = columns_of(tables, table)
    if not there:
        return
    told = ", ".join(name if name == ROW or name in there else f"NULL AS {name}" for name in wanted)
    for row in tables.execute(f"SELECT {told} FROM {table} {rest}", values):
        yield dict(zip(wanted, row, strict=True))


def last_row(tables: sqlite3.Connection, table: str) -> int:
    """Return the highest row id of a table; 0 where there is none."""
    if not columns_of(tables, table):
        return 0
    found: int | None = tables.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0]
    return found or 0
