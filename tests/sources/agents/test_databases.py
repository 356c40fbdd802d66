"""Agents' SQLite databases: read while they are written, never locked, never changed."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.agents import (
    copilot_logs,
    crush_logs,
    goose_logs,
    hermes_logs,
    opencode_logs,
    zcode_logs,
    zed_logs,
)
from tests.sources.agents.databases import Tool, made, turns, writing
from tests.sources.road import CANARY, Road, Spent, found_log, reading
from tests.sources.test_roots import sourced
from tokwatch.sources.columns import hold
from tokwatch.sources.reader import read_log
from tokwatch.sources.tables import open_tables
from tokwatch.store.read.every import audit_logs

TOOLS = (
    *(zcode_logs.TOOL, goose_logs.TOOL, goose_logs.TOTALS_TOOL, crush_logs.TOOL),
    *(hermes_logs.TOOL, hermes_logs.TOTALS_TOOL, zed_logs.TOOL),
    *(opencode_logs.TOOL, opencode_logs.SECOND_TOOL, copilot_logs.TOOL),
)
NAMES = [f"{tool.source}-{place}" for place, tool in enumerate(TOOLS)]
SUMMED = [tool for tool in TOOLS if tool.source != "crush"]
JOURNALS = ("wal", "delete")

TITLES = (
    *(("threads", "summary"), ("session", "title"), ("sessions", "title")),
    *(("session_v2", "title"), ("sessions", "summary")),
)

every = pytest.mark.parametrize("tool", TOOLS, ids=NAMES)
journals = pytest.mark.parametrize("journal", JOURNALS)


def times(each: Spent, count: int) -> Spent:
    """Return what some turns spend."""
    return Spent(*(part * count for part in each))


def seen(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return everything in a folder that a reader could change."""
    return {
        file.name: (file.stat().st_size, file.stat().st_mtime_ns, file.read_bytes())
        for file in sorted(folder.iterdir())
        if not file.name.endswith("-shm")  # readers of a write-ahead log mark their place there
    }


@every
@journals
def test_requests_are_seen_and_then_those_that_follow(
    home: Path, road: Road, tool: Tool, journal: str
) -> None:
    path = made(tool.path(home), tool.schema)
    with writing(path, journal) as writer:
        seen_so_far = []
        for turn in (1, 2):
            tool.spend(writer, turn, "s1")
            writer.commit()
            road.read()
            seen_so_far.append(road.total())

    assert seen_so_far[0] == tool.each
    assert seen_so_far[1].requests == 2
    if tool in SUMMED:
        assert seen_so_far[1] == times(tool.each, 2)


@every
def test_reading_again_changes_nothing(home: Path, road: Road, tool: Tool) -> None:
    path = tool.path(home)
    turns(path, tool, 1, 2)
    road.read()
    before = (road.total(), road.events())
    os.utime(path)
    assert road.read().pending

    assert (road.total(), road.events()) == before


@every
def test_a_row_is_counted_as_read_once(home: Path, road: Road, tool: Tool) -> None:
    """What an audit tells of a log is the same however often the log was looked at."""
    path = tool.path(home)
    for turn in (1, 2, 3):
        turns(path, tool, turn)
        road.read()
        os.utime(path)
        road.read()
    [piecewise] = audit_logs(road.view)
    whole = reading(tool.source, path, home)

    assert piecewise.lines == whole.tally.lines > 0


@every
@journals
def test_a_read_changes_no_file(home: Path, road: Road, tool: Tool, journal: str) -> None:
    """4.2: SQLite sources are read without ever changing them, the tool running or not."""
    path = made(tool.path(home), tool.schema)
    with writing(path, journal) as writer:
        tool.spend(writer, 1, "s1")
        writer.commit()
        before = seen(path.parent)
        road.read()
        assert seen(path.parent) == before
    before = seen(path.parent)
    road.read()

    assert road.total() == tool.each
    assert seen(path.parent) == before


@every
def test_a_writer_goes_on_while_its_log_is_read(home: Path, road: Road, tool: Tool) -> None:
    """4.2: a writer that waits for nobody commits in the midst of a read."""
    path = made(tool.path(home), tool.schema)
    with writing(path, "wal") as writer:
        tool.spend(writer, 1, "s1")
        writer.commit()
        with open_tables(path) as tables:
            hold(tables)
            before = list(tables.iterdump())
            tool.spend(writer, 2, "s1")
            writer.commit()
            assert list(tables.iterdump()) == before
        road.read()

    assert road.total().output == (2 if tool in SUMMED else 1) * tool.each.output


@every
def test_a_writer_without_a_write_ahead_log_goes_on_too(home: Path, road: Road, tool: Tool) -> None:
    """4.2: no lock is taken; what changed while it was read is read again, and is not an error."""
    path = turns(tool.path(home), tool, 1)
    with pytest.raises(BlockingIOError, match="will be read again"):
        commit_amid_a_read(path, tool)
    road.read()

    assert road.total().output == (2 if tool in SUMMED else 1) * tool.each.output


def commit_amid_a_read(path: Path, tool: Tool) -> None:
    """Let the tool write its second turn while its database is read."""
    with writing(path) as writer, open_tables(path) as tables:
        hold(tables)
        tables.execute("SELECT count(*) FROM sqlite_master").fetchone()
        tool.spend(writer, 2, "s1")
        writer.commit()


@every
def test_a_database_that_may_not_be_written_beside_is_read(
    home: Path, road: Road, tool: Tool
) -> None:
    """4.2: a write-ahead log without its index in a folder that is read-only."""
    path = made(tool.path(home), tool.schema)
    kept = path.with_name("kept")
    with writing(path, "wal") as writer:
        tool.spend(writer, 1, "s1")
        writer.commit()
        for mark in ("", "-wal"):
            shutil.copy(f"{path}{mark}", f"{kept}{mark}")
    for mark in ("", "-wal"):
        os.replace(f"{kept}{mark}", f"{path}{mark}")
    path.parent.chmod(0o500)
    try:
        road.read()
    finally:
        path.parent.chmod(0o700)

    assert road.total() == tool.each
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name, f"{path.name}-wal"]


@every
def test_a_replaced_database_counts_nothing_twice(home: Path, road: Road, tool: Tool) -> None:
    """4.2: the file becomes another one, as a vacuum or a restored backup makes it."""
    path = tool.path(home)
    for turn in (1, 2):
        turns(path, tool, turn)
        road.read()
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    os.replace(copy, path)
    road.read()
    assert road.total().requests == 2
    turns(path, tool, 3)
    road.read()

    assert road.total().requests == 3
    if tool in SUMMED:
        assert road.total() == times(tool.each, 3)


@every
def test_no_prompt_reaches_the_store(home: Path, road: Road, tool: Tool, tmp_path: Path) -> None:
    path = tool.path(home)
    turns(path, tool, 1)
    road.read()
    road.ingest.writer.checkpoint()
    stored = b"".join(
        file.read_bytes() for file in (tmp_path / "data").rglob("*") if file.is_file()
    )

    assert road.total() == tool.each
    assert CANARY.encode() not in stored


@every
def test_a_session_has_its_own_title(home: Path, tool: Tool) -> None:
    path = tool.path(home)
    turns(path, tool, 1)
    with writing(path) as tables:
        for table, column in TITLES:
            try:
                tables.execute(f"UPDATE {table} SET {column} = ?", ("\x1b[1mFix\n the tax",))
            except sqlite3.OperationalError:
                continue
    (session, *_) = (one.scope.session for one in reading(tool.source, path, path.parent).sightings)
    source = sourced(tool.source)

    assert source.title_of(path, session) in ("[1mFix the tax", "Fix the tax")
    assert source.title_of(path, "another") == ""
    assert source.title_of(path.with_name("none.db"), session) == ""
    (path.parent / "junk.db").write_bytes(b"junk" * 400)
    assert source.title_of(path.parent / "junk.db", session) == ""


@pytest.mark.parametrize("tool", SUMMED)
@settings(max_examples=15)
@given(looks=st.lists(st.integers(1, 3), min_size=1, max_size=4))
def test_pieces_add_up_to_the_whole(
    tmp_path_factory: pytest.TempPathFactory, tool: Tool, looks: list[int]
) -> None:
    """Whenever the database is looked at, the sums are those of all turns."""
    home = tmp_path_factory.mktemp("home")
    path = tool.path(home)
    road = Road(home, home / "data")
    turn = 0
    for count in looks:
        turns(path, tool, *range(turn + 1, turn + count + 1))
        turn += count
        road.read()
        total = road.total()
        assert total._replace(requests=turn) == times(tool.each, turn)
    road.close()


def damaged(content: bytes) -> Iterator[bytes]:
    """Yield a database with pieces missing or overwritten."""
    for cut in (0, 1, 100, 4096, len(content) // 2, len(content) - 1):
        yield content[:cut]
    for place in range(0, len(content), 1500):
        yield content[:place] + b"\xff" * 700 + content[place + 700 :]


@every
def test_a_damaged_database_raises_nothing_but_oserror(
    home: Path, tmp_path: Path, tool: Tool
) -> None:
    path = tool.path(home)
    turns(path, tool, 1, 2)
    source = sourced(tool.source)
    for place, content in enumerate(damaged(path.read_bytes())):
        file = tmp_path / f"{place}.db"
        file.write_bytes(content)
        try:
            read_log(source, found_log(file, tmp_path), None, 1 << 20, 1 << 20)
        except OSError:
            continue


@every
def test_a_database_of_another_program_is_none_of_ours(tmp_path: Path, tool: Tool) -> None:
    path = made(tmp_path / "other.db", "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)")
    found = reading(tool.source, path, tmp_path)

    assert (found.sightings, found.tally.unknown) == ([], 0)


@every
def test_tables_of_a_shape_that_nobody_knows_are_told(tmp_path: Path, tool: Tool) -> None:
    """The names of the columns are told, never what is in them."""
    tables = ["sessions", "threads", "model_usage", "usage_ledger", "message"]
    tables.append("assistant_usage_events")
    schema = "".join(f"CREATE TABLE {name} (first TEXT, second TEXT);" for name in tables)
    path = made(tmp_path / "newer.db", schema)
    with writing(path) as rows:
        for name in tables:
            rows.execute(f"INSERT INTO {name} VALUES (?, ?)", (CANARY, CANARY))
    found = reading(tool.source, path, tmp_path)

    assert found.sightings in ([], ())
    assert (found.tally.unknown, found.tally.sample) == (1, "first, second")
