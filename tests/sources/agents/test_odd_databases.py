"""Cells of every kind in agents' databases: no exception, no good row lost, clean names."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.agents.databases import Tool, made, writing
from tests.sources.agents.test_databases import NAMES, TOOLS, every
from tests.sources.road import Road, reading
from tests.sources.test_hostile import EVIL, is_clean, names

CELLS: list[object] = [
    *(None, "", "12", "x", "2026-08-01", b"", b"\xff\x00{}", EVIL.replace("\ud800", "")),
    *(-1, 0, 1, 7, 2**33, 2**53, 2**63 - 1, -(2**63), 1.5, -0.5, 1e300, float("inf")),
    *("[]", "{}", '{"model_name": 5}', "null", "9" * 400),
]
Cell = tuple[str, str]


def cells(tables: sqlite3.Connection) -> list[Cell]:
    """Return every column of every table."""
    named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    return [
        (table, column)
        for (table,) in tables.execute(named).fetchall()
        for (_, column, *_) in tables.execute(f"PRAGMA table_info({table})").fetchall()
    ]


def last_rows(tables: sqlite3.Connection) -> dict[str, int]:
    """Return the last row of each table."""
    return {
        table: tables.execute(f"SELECT coalesce(max(rowid), 0) FROM {table}").fetchone()[0]
        for table in dict.fromkeys(table for table, _ in cells(tables))
    }


def spoil(tables: sqlite3.Connection, cell: Cell, value: object, behind: int) -> None:
    """Put a value into a column of the rows behind one, where the schema lets it."""
    table, column = cell
    with contextlib.suppress(sqlite3.IntegrityError):
        tables.execute(f"UPDATE {table} SET {column} = ? WHERE rowid > ?", (value, behind))


@every
@settings(max_examples=25)
@given(data=st.data())
def test_an_odd_row_costs_no_good_one(
    tmp_path_factory: pytest.TempPathFactory, tool: Tool, data: st.DataObject
) -> None:
    home = tmp_path_factory.mktemp("home")
    path = made(tool.path(home), tool.schema)
    with writing(path) as tables:
        tool.spend(tables, 1, "good")
        good = last_rows(tables)
        tool.spend(tables, 1, "bad")
        for _ in range(data.draw(st.integers(1, 3))):
            cell = data.draw(st.sampled_from(cells(tables)))
            spoil(tables, cell, data.draw(st.sampled_from(CELLS)), good[cell[0]])
    found = reading(tool.source, path, path.parent)
    told = [one for one in found.sightings if one.scope.session == "good" and not one.scope.agent]

    assert sum(one.input or 0 for one in told) == tool.each.input
    assert sum(one.output or 0 for one in told) == tool.each.output
    assert all(is_clean(name) for name in names(found))
    assert all(one.model.name for one in found.sightings)


@every
def test_what_an_odd_row_tells_is_stored(home: Path, tmp_path: Path, tool: Tool) -> None:
    """Whatever a cell holds, the numbers it leads to fit the store."""
    path = made(tool.path(home), tool.schema)
    with writing(path) as tables:
        columns = cells(tables)
    for place, value in enumerate(CELLS):
        path.unlink()
        with writing(made(path, tool.schema)) as tables:
            tool.spend(tables, 1, "s1")
            for cell in columns:
                if "_tokens" in cell[1] or "cost" in cell[1] or cell[1].endswith(("_at", "stamp")):
                    spoil(tables, cell, value, 0)
        road = Road(home, tmp_path / f"data-{place}")
        road.read()
        assert road.ingest.read_errors == {}
        assert road.total().requests <= 1
        road.close()


def test_every_tool_is_tried() -> None:
    assert len(TOOLS) == len(set(NAMES)) == 10
