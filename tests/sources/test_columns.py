"""Rows of tables that differ from version to version."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from tokwatch.sources.columns import ROW, columns_of, last_row, rows_of
from tokwatch.sources.text import name_in


@pytest.fixture
def tables() -> Iterator[sqlite3.Connection]:
    """Return a database with two sessions."""
    tables = sqlite3.connect(":memory:")
    tables.execute("CREATE TABLE sessions (id TEXT, input INTEGER)")
    tables.executemany("INSERT INTO sessions VALUES (?, ?)", [("a", 5), ("b", None)])
    yield tables
    tables.close()


def test_a_column_that_is_not_there_reads_as_none(tables: sqlite3.Connection) -> None:
    rows = list(rows_of(tables, "sessions", (ROW, "id", "cost"), "WHERE id = ?", ("b",)))

    assert rows == [{"rowid": 2, "id": "b", "cost": None}]


def test_a_table_that_is_not_there_has_no_rows(tables: sqlite3.Connection) -> None:
    assert list(rows_of(tables, "none", ("id",), "WHERE nonsense")) == []
    assert (columns_of(tables, "none"), last_row(tables, "none")) == (frozenset(), 0)


def test_the_last_row(tables: sqlite3.Connection) -> None:
    assert last_row(tables, "sessions") == 2
    tables.execute("DELETE FROM sessions")
    assert last_row(tables, "sessions") == 0


def test_a_name_is_a_clean_text_or_none() -> None:
    cells = ("a\x1b[1mb", 7, None, b"x")

    assert [name_in(cell) for cell in cells] == ["a[1mb", "", "", ""]
