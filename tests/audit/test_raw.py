"""One record of a log as it stands there, and what is said where it does not."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.claude_lines import answer, prompt
from tests.sources.road import write
from tokwatch.audit.raw import FOLD_CHARS, raw_record, shown
from tokwatch.sources import source_named

LINES = (prompt("first"), answer("msg_1", text="second"), prompt("third"))


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(write(tmp_path / "log.jsonl", *LINES))


def test_a_record_is_found_by_its_offset(path: str) -> None:
    for number, line in enumerate(LINES):
        found = raw_record(path, sum(map(len, LINES[:number])))
        assert json.loads(found.text) == json.loads(line)
        assert "\n" in found.text
        assert found.is_whole
        assert found.problem == ""


def test_a_glued_record_is_found(tmp_path: Path) -> None:
    first = LINES[0].rstrip(b"\n")
    path = str(write(tmp_path / "log.jsonl", first + LINES[1]))
    assert json.loads(raw_record(path, len(first)).text) == json.loads(LINES[1])
    assert json.loads(raw_record(path, 0).text) == json.loads(LINES[0])


@pytest.mark.parametrize("offset", [1, 7, 10**9])
def test_a_log_that_was_written_anew_says_so(path: str, offset: int) -> None:
    found = raw_record(path, offset)
    assert found.text == ""
    assert "written anew" in found.problem


def test_a_log_that_is_gone_says_so(path: str) -> None:
    Path(path).unlink()
    assert "gone" in raw_record(path, 0).problem


def test_a_log_that_may_not_be_read_says_why(tmp_path: Path) -> None:
    assert raw_record(str(tmp_path), 0).problem.startswith("The log cannot be read: ")


def test_nothing_that_a_terminal_obeys_is_shown(tmp_path: Path) -> None:
    hostile = "\x1b[2J\x9b31m\u202egnp.exe\u200b\x07 [bold]"
    record = json.dumps({"text": hostile}, ensure_ascii=False).encode() + b"\n"
    found = raw_record(str(write(tmp_path / "log.jsonl", record)), 0).text
    assert "\\u001b[2J" in found
    assert "\\u202egnp.exe\\u200b" in found
    assert all(char == "\n" or char.isprintable() for char in found)
    assert "[bold]" in found


def test_long_texts_are_cut_and_say_by_how_much(tmp_path: Path) -> None:
    record = prompt("x" * (FOLD_CHARS + 70))
    found = raw_record(str(write(tmp_path / "log.jsonl", record)), 0)
    assert "x \u2026 +70 characters" in found.text
    assert len(found.text) < FOLD_CHARS + 1000


def test_a_large_record_is_shown_in_part(path: str) -> None:
    found = raw_record(path, 0, 100)
    assert len(found.text) == 100
    assert not found.is_whole


def test_a_row_of_a_database_is_shown_where_the_source_can(tmp_path: Path) -> None:
    path = tmp_path / "db.sqlite"
    tables = sqlite3.connect(path)
    tables.execute("CREATE TABLE model_usage (id TEXT, data TEXT, blob BLOB, cost REAL)")
    tables.execute("INSERT INTO model_usage VALUES ('u1', '{\"a\": 1}', x'0102', 0.5)")
    tables.commit()
    tables.close()
    found = raw_record(str(path), 1, source=source_named("zcode"))
    assert json.loads(found.text) == {
        "id": "u1",
        "data": {"a": 1},
        "blob": "<2 bytes>",
        "cost": 0.5,
    }
    assert "anew" in raw_record(str(path), 2, source=source_named("zcode")).problem
    assert "anew" in raw_record(str(path), 1, source=source_named("crush")).problem
    assert "cannot be shown" in raw_record(str(path), 1, source=source_named("ccflare")).problem


def test_of_a_document_no_single_record_is_shown(tmp_path: Path) -> None:
    path = write(tmp_path / "chat.json", b'{"messages": []}')
    assert "cannot be shown" in raw_record(str(path), 3).problem


def test_a_broken_database_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "db.sqlite", b"no database")
    assert "cannot be read" in raw_record(str(path), 1, source=source_named("zcode")).problem


def test_a_record_as_deep_as_can_be_is_no_end(tmp_path: Path) -> None:
    deep = b'{"a":' + b"[" * 900 + b"]" * 900 + b"}\n"
    assert raw_record(str(write(tmp_path / "log.jsonl", deep)), 0).problem


@settings(max_examples=20)
@given(content=st.binary(max_size=200), offset=st.integers(0, 300))
def test_no_bytes_are_fatal(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, offset: int
) -> None:
    path = tmp_path_factory.mktemp("raw") / "log.jsonl"
    path.write_bytes(content)
    found = raw_record(str(path), offset)
    assert bool(found.text) is not bool(found.problem), "the record, or why it is not shown"


@given(value=st.recursive(st.none() | st.text(), lambda inner: st.lists(inner), max_leaves=5))
def test_any_value_is_shown_as_printable_lines(value: object) -> None:
    text = shown({"a": value}).text
    assert not any(char != "\n" and ord(char) < 32 for char in text)
