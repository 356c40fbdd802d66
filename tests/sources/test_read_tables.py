"""The road of a database: found with what is pending, read from its mark, read again on a hint."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.sources.agents.databases import made, turns, writing
from tests.sources.agents.opencode_logs import CALL, SCHEMA, TOOL, answer, message, session
from tests.sources.road import CHUNK, MAX_LINE, Road
from tests.sources.test_roots import sourced
from tokwatch.model.reading import Cursor
from tokwatch.sources.agents import opencode_tables
from tokwatch.sources.discover import FoundLog, Walk
from tokwatch.sources.reader import ReadLog, is_unchanged, read_log
from tokwatch.sources.source import Root

SOURCE = "opencode"
VERSION = sourced(SOURCE).version


@pytest.fixture
def path(home: Path) -> Path:
    """Return a database with one session and no answer yet."""
    file = made(TOOL.path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
    return file


@pytest.fixture
def live(path: Path) -> Iterator[sqlite3.Connection]:
    """Return the tool's own connection, which writes ahead."""
    with closing(sqlite3.connect(path, timeout=0)) as tables:
        tables.execute("PRAGMA journal_mode = WAL")
        tables.execute("PRAGMA wal_autocheckpoint = 0")
        yield tables


def say(tables: sqlite3.Connection, *names: str) -> None:
    """Write answers as the tool does."""
    for name in names:
        message(tables, name, answer(CALL))
    tables.commit()


def found(path: Path) -> FoundLog:
    """Return the database as a walk finds it."""
    (log,) = Walk().over([Root(path.parent, shallow=True)], sourced(SOURCE).wants)
    return log


def read(path: Path, cursor: Cursor | None = None) -> ReadLog:
    """Return one read of the database."""
    return read_log(sourced(SOURCE), found(path), cursor, MAX_LINE, CHUNK)


def test_what_is_pending_is_part_of_the_status(path: Path, live: sqlite3.Connection) -> None:
    """4.2: commits go into the log beside the database, which stays as it is."""
    at_rest = found(path)
    say(live, "m1")
    then = found(path)
    pending = os.stat(f"{path}-wal")

    assert path.stat().st_size == at_rest.size
    assert then.size == at_rest.size + pending.st_size
    assert then.mtime_ns == max(pending.st_mtime_ns, at_rest.mtime_ns)
    assert (then.inode, then.device) == (at_rest.inode, at_rest.device)
    assert Walk().file(str(path)) == [then._replace(root=Path())]


def test_a_commit_over_an_old_one_is_a_change(path: Path, live: sqlite3.Connection) -> None:
    """4.2: a log that is written from its start again has the size of before."""
    say(live, "m1")
    first = found(path)
    live.execute("PRAGMA wal_checkpoint(RESTART)")
    say(live, "m2")

    assert found(path) != first


def test_files_beside_a_database_are_no_logs(path: Path, live: sqlite3.Connection) -> None:
    say(live, "m1")

    assert {file.name for file in path.parent.iterdir()} == {
        *("opencode.db", "opencode.db-wal", "opencode.db-shm"),
    }
    assert found(path).path == str(path)


def test_a_read_goes_on_from_its_mark(path: Path) -> None:
    """4.4: the cursor's state says what was read; its status is that of before the read."""
    with writing(path) as tables:
        say(tables, *(f"m{place}" for place in range(100)))
    before = found(path)
    first = read(path)
    with writing(path) as tables:
        say(tables, "new")
    then = read(path, first.reading.cursor)

    assert is_unchanged(before, first.reading.cursor, VERSION)
    assert not is_unchanged(found(path), first.reading.cursor, VERSION)
    assert (len(first.reading.sightings), first.reading.from_start, first.more) == (
        100,
        True,
        False,
    )
    assert (len(then.reading.sightings) < 30, then.reading.from_start) == (True, False)
    assert (first.reading.cursor.offset, first.reading.cursor.head) == (0, b"")


def test_a_commit_during_a_read_is_not_lost(path: Path, live: sqlite3.Connection) -> None:
    """4.2: what is told is as of a walk or later; the next walk sees that more came."""
    say(live, "m1")
    before = found(path)
    say(live, "m2")
    told = read_log(sourced(SOURCE), before, None, MAX_LINE, CHUNK).reading

    assert len(told.sightings) == 2
    assert not is_unchanged(found(path), told.cursor, VERSION)


def test_a_large_database_is_read_in_pieces(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """4.4: one read holds no more than its share, and one that is left is not forgotten."""
    monkeypatch.setattr(opencode_tables, "_AT_ONCE", 40)
    with writing(path) as tables:
        say(tables, *(f"m{place}" for place in range(100)))
    cursor, pieces, keys = None, 0, set[int]()
    while True:
        reading, more = read(path, cursor)
        cursor, pieces = reading.cursor, pieces + 1
        keys |= {one.key for one in reading.sightings}
        assert is_unchanged(found(path), cursor, VERSION) is not more
        if not more:
            break

    assert (pieces > 2, len(keys)) == (True, 100)


@pytest.mark.parametrize("change", ["inode", "version"])
def test_another_file_or_parser_begins_anew(path: Path, change: str) -> None:
    """4.2: a database that was replaced is another one, whatever its mark says."""
    with writing(path) as tables:
        say(tables, *(f"m{place}" for place in range(60)))
    cursor = read(path).reading.cursor
    if change == "inode":
        shutil.copy(path, path.with_name("copy"))
        os.replace(path.with_name("copy"), path)
    else:
        cursor = Cursor(**{field: getattr(cursor, field) for field in FIELDS} | {"version": -1})
    reading = read(path, cursor).reading

    assert (len(reading.sightings), reading.from_start) == (60, True)


FIELDS = tuple(Cursor.__struct_fields__)


@pytest.mark.parametrize("mark", ["", "-wal", "-shm", "-journal"])
def test_a_hint_of_a_file_beside_it_leads_to_the_database(
    road: Road, path: Path, live: sqlite3.Connection, mark: str
) -> None:
    """4.2: most commits change the write-ahead log alone."""
    road.read()
    say(live, "m1")
    pending = road.ingest.look_at([f"{path}{mark}"])
    for _ in road.ingest.read(pending):
        pass

    assert [log.found.path for log in pending] == [str(path)]
    assert [log.found.root for log in pending] == [path.parent]
    assert road.total().requests == 1
    assert road.ingest.look_at([f"{path}{mark}"]) == []


def test_a_hint_of_another_file_leads_nowhere(road: Road, path: Path) -> None:
    road.read()
    with writing(path.with_name("other.db")) as tables:
        tables.execute("CREATE TABLE t (word TEXT)")

    assert road.ingest.look_at([f"{path.with_name('other.db')}-wal"]) == []
    assert road.ingest.look_at([str(path.parent / "storage")]) == []


def test_a_sweep_sees_what_no_hint_told(road: Road, path: Path, live: sqlite3.Connection) -> None:
    """4.2: between walks only the status of active logs is asked for."""
    logs = road.read().logs
    say(live, "m1")
    changed = road.ingest.recheck(logs)
    for _ in road.ingest.read(changed):
        pass

    assert [log.found.path for log in changed] == [str(path)]
    assert road.total().requests == 1
    assert road.ingest.recheck(logs) == []


def test_a_database_that_cannot_be_read_is_told_and_tried_again(road: Road, path: Path) -> None:
    """4.2: busy is not absent: what was told stays, and the error goes with its cause."""
    turns(path, TOOL, 1)
    road.read()
    journal = Path(f"{path}-journal")
    journal.write_bytes(b"\xd9\xd5\x05\xf9")
    turns(path.with_name("opencode-beta.db"), TOOL, 2)
    os.utime(path)
    road.read()
    assert road.ingest.read_errors == {str(path): "being written to; it will be read again"}
    assert road.total().requests == 2
    journal.unlink()
    road.read()

    assert road.ingest.read_errors == {}


def test_a_log_that_a_setting_names_is_found_by_its_own_path(tmp_path: Path) -> None:
    """Whatever it is called; and once, though its folder is looked into as well."""
    for name in ("mine", "x.log"):
        (tmp_path / name).write_bytes(b"12345")
    roots = [Root(tmp_path / "mine", shallow=True), Root(tmp_path), Root(tmp_path / "x.log")]
    walk = Walk()
    logs = list(walk.over(roots[:2], lambda path: True))

    assert [Path(log.path).name for log in logs] == ["mine", "x.log"]
    assert (logs[0].root, logs[0].size) == (tmp_path / "mine", 5)
    assert list(walk.over([Root(tmp_path / "none", shallow=True)], lambda path: True)) == []
    assert walk.errors == {}
