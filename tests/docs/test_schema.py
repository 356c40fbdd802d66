"""docs/schema.md names every table and column as they are, and its queries run on a real store."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Column

from tests.store.build import Made, build
from tokwatch.model.units import NANO
from tokwatch.store.connect import Database
from tokwatch.store.store import REVISION
from tokwatch.store.tables import METADATA

PAGE = Path(__file__).parents[2] / "docs" / "schema.md"
MARCH_MS = 1_774_267_200_000
TYPES = {
    "double_precision": "double",
    "large_binary": "blob",
    "big_integer": "bigint",
    "small_integer": "smallint",
}


def test_every_table_and_column_stands_there_with_its_type() -> None:
    held = {
        table.name: {column.name: kind_of(column) for column in table.columns}
        for table in METADATA.sorted_tables
    }

    assert dict(told()) == held
    assert f"`{REVISION}`" in PAGE.read_text("utf-8")


def test_its_queries_answer_on_both_databases(database: Database) -> None:
    dear = Made(MARCH_MS, session="s2", model="claude-opus-4-8", computed_nano=3 * NANO)
    unknown = Made(MARCH_MS + 1, model="gpt-9", provider="openai", computed_nano=None)
    build(database, [Made(MARCH_MS + 2), dear, unknown])
    database.execute(
        "INSERT INTO measure (id, workspace, log, name, instant_ms, value, unit, tags, origin)"
        " VALUES (1, 1, 0, 'coverage', 5, 81.5, '%', '{}', 'track')"
    )
    database.execute(
        "INSERT INTO block (strand, number, workspace, instant_ms, part, tool, chars, tokens,"
        " digest, subject, call, is_error, request, offset_bytes)"
        " VALUES (1, 0, 1, 0, 'tool result', 'Bash', 9, 300, 0, 0, 0, 0, 0, 0),"
        " (1, 1, 1, 0, 'tool result', 'Bash', 9, 400, 0, 0, 0, 0, 0, 1)"
    )
    by_model, by_day, dearest, hits, unpriced, results, measured = (
        [tuple(map(plain, row)) for row in database.rows(query)] for query in queries()
    )

    assert by_model[0] == ("claude-opus-4-8", 3.0, 1)
    assert by_day == [(MARCH_MS // 86_400_000, "/code/shop", 3.01)]
    assert dearest[0][1:4] == ("claude-opus-4-8", "s2", "/logs/a.jsonl")
    assert hits == [("s1", 0.8), ("s2", 0.8)]
    assert unpriced == [("openai", "gpt-9", 1_050)]
    assert results == [("Bash", 2, 700)]
    assert measured == [(5, 81.5, "%", "{}")]


def plain(value: object) -> object:
    """Return what PostgreSQL counts in decimals as a number."""
    return float(value) if isinstance(value, Decimal) else value


def queries() -> list[str]:
    """Return the queries that the page prints."""
    found = re.findall(r"```sql\n(.*?);\n```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(found) == 7
    return found


def told() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each table of the page with the type of each of its columns."""
    sections = re.split(r"^### `(\w+)`$", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]
    for name, text in zip(sections[::2], sections[1::2], strict=True):
        rows = [line.split("|")[1:3] for line in text.splitlines() if line.startswith("| `")]
        yield (
            name,
            {
                column: kind.strip()
                for columns, kind in rows
                for column in re.findall(r"`(\w+)`", columns)
            },
        )


def kind_of(column: Column[object]) -> str:
    """Return a column's type as the page names it."""
    named = str(column.type.__visit_name__).lower()
    return TYPES.get(named, named)
