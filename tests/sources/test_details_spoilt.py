"""Nonsense in any field of a conversation's log is never fatal, and read in pieces as at once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from tests.sources.agents.talk_documents import DOCUMENTS, gemini_document, opencode_files
from tests.sources.agents.talk_lines import LINES
from tests.sources.detail_road import in_pieces
from tests.sources.road import spelt

NONSENSE: tuple[object, ...] = (
    *(None, True, -1, 1.5, 10**30, "", "\ud800", "x", [], {}, [[]], [{}], {"": 1}, [None, 7]),
    *({"type": "text", "text": 5}, {"type": "tool_result", "content": {"x": [1]}}),
)
ROUNDS = 25


def spoilt(value: object, random: Random) -> object:
    """Return a value with one of its parts, however deep, replaced by nonsense."""
    if isinstance(value, dict) and value and random.random() < 0.85:
        name = random.choice(sorted(value))
        return value | {name: spoilt(value[name], random)}
    if isinstance(value, list) and value and random.random() < 0.85:
        place = random.randrange(len(value))
        return [*value[:place], spoilt(value[place], random), *value[place + 1 :]]
    return random.choice(NONSENSE)


@pytest.mark.parametrize("source", LINES)
def test_fields_of_any_type_are_never_fatal(source: str) -> None:
    with TemporaryDirectory() as scratch:
        path = LINES[source](Path(scratch))
        lines = path.read_bytes().splitlines()
        random = Random(7)
        for _ in range(ROUNDS):
            place = random.randrange(len(lines))
            worse = [*lines]
            worse[place] = spelt(spoilt(json.loads(lines[place]), random)).rstrip(b"\n")
            path.write_bytes(b"\n".join(worse) + b"\n")
            assert in_pieces(source, path, 700) == in_pieces(source, path, 1 << 30)


@pytest.mark.parametrize("source", [*DOCUMENTS, "gemini-cli", "opencode"])
def test_documents_of_any_shape_are_never_fatal(source: str) -> None:
    written = {**DOCUMENTS, "gemini-cli": gemini_document, "opencode": opencode_files}[source]
    with TemporaryDirectory() as scratch:
        path = written(Path(scratch))
        random = Random(7)
        files = [one for one in path.parent.glob("*") if one.suffix in (".json", ".jsonl")]
        for file in sorted(files):
            content = file.read_bytes()
            for _ in range(ROUNDS // len(files) + 1):
                file.write_bytes(_worse(file, content, random))
                in_pieces(source, path, 1 << 30)
            file.write_bytes(content)


def _worse(file: Path, content: bytes, random: Random) -> bytes:
    if file.suffix == ".json":
        return json.dumps(spoilt(json.loads(content), random)).encode()
    lines = content.splitlines()
    place = random.randrange(len(lines))
    lines[place] = spelt(spoilt(json.loads(lines[place]), random)).rstrip(b"\n")
    return b"\n".join(lines) + b"\n"


def spoilt_cells(path: Path) -> Iterator[None]:
    """Yield after each of many ways in which a database's cells can be nonsense."""
    random = Random(7)
    content = path.read_bytes()
    with closing(sqlite3.connect(path)) as tables:
        names = [name for (name,) in tables.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        )]  # fmt: skip
        columns = {name: [row[1] for row in tables.execute(f"PRAGMA table_info({name})")]
                   for name in names}  # fmt: skip
    for _ in range(ROUNDS):
        path.write_bytes(content)
        with closing(sqlite3.connect(path)) as tables, tables:
            table = random.choice(names)
            column = random.choice(columns[table])
            rows = tables.execute(f"SELECT rowid, {column} FROM {table}").fetchall()
            if rows:
                row, cell = random.choice(rows)
                try:
                    value: object = json.dumps(spoilt(json.loads(cell), random))
                except (TypeError, ValueError):
                    value = random.choice([None, 7, -1.5, "", "x", b"\xff\x00", "[1", "{}"])
                try:
                    tables.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (value, row))
                except sqlite3.IntegrityError:
                    continue
        yield
