"""One writer at a time, full disks, lost servers: told in words, and nothing is lost."""

from __future__ import annotations

import resource
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.store import facts
from tests.store.brute import expected_events
from tests.store.worlds import Script, request, script, whole
from tokwatch.errors import TokwatchError
from tokwatch.store import connect
from tokwatch.store.connect import ROWS_AT_ONCE, Database, open_database, open_sqlite
from tokwatch.store.integrity import damage
from tokwatch.store.store import open_store
from tokwatch.store.trouble import told


def log(number: int, requests: int = 400) -> Script:
    """Return a log of its own; its last requests are the next log's first ones."""
    first = number * requests // 2
    session = f"s{number}"
    return script(
        f"/logs/{number}.jsonl", *(request(at, session) for at in range(first, first + requests))
    )


def check_whole(database: Database, *scripts: Script) -> None:
    """Check that a store holds what these logs tell, and nothing else."""
    events = facts.events(database)
    assert events == expected_events(scripts)
    assert facts.cells(database) == facts.expected_cells(events.values())
    assert damage(database) == []


def test_a_second_writer_waits_for_the_first(
    database: Database, store_url: str, tmp_path: Path
) -> None:
    other = open_store(store_url, tmp_path)
    order: list[str] = []

    def write() -> None:
        with other.transaction():
            order.append("second")

    thread = threading.Thread(target=write)
    with database.transaction():
        thread.start()
        thread.join(timeout=0.2)
        order.append("first")
    thread.join(timeout=60)
    other.close()

    assert order == ["first", "second"]


def test_a_writer_that_waits_too_long_gives_up_in_words(
    database: Database, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "BUSY_SECONDS", 0.05)
    other = open_store(store_url, tmp_path)
    writer = facts.open_writer(other)

    with database.transaction(), pytest.raises(TokwatchError, match="locked by another"):
        writer.add([whole(log(0)).reading])

    writer.add([whole(log(0)).reading])
    check_whole(other, log(0))
    other.close()


def test_two_machines_may_write_at_once(database: Database, store_url: str, tmp_path: Path) -> None:
    logs = [log(number, 20) for number in range(12)]
    failures: list[Exception] = []

    def write(machine: str, own: list[Script]) -> None:
        connection = open_store(store_url, tmp_path)
        writer = facts.open_writer(connection, machine=machine)
        try:
            for one in own:
                writer.add([whole(one).reading])
        except Exception as error:
            failures.append(error)
        connection.close()

    threads = [
        threading.Thread(target=write, args=(f"m{part}", logs[part::2])) for part in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert failures == []
    check_whole(database, *logs)


Trouble = Callable[[Database], AbstractContextManager[None]]


@contextmanager
def few_pages(database: Database) -> Iterator[None]:
    """Let SQLite think that its disk is nearly full."""
    pages = database.value("PRAGMA page_count")
    database.execute(f"PRAGMA max_page_count = {pages + 4}")
    yield
    database.execute("PRAGMA max_page_count = 1000000")


@contextmanager
def short_files(_: Database) -> Iterator[None]:
    """Let the system refuse to make any file larger than 100 kB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    ("trouble", "words"),
    [(few_pages, "the disk of the store is full"), (short_files, "disk reports an error")],
)
@pytest.mark.parametrize("store_urls", ["sqlite"], indirect=True)
def test_a_disk_that_takes_no_more_loses_nothing(
    database: Database, trouble: Trouble, words: str
) -> None:
    writer = facts.open_writer(database)
    writer.add([whole(log(0)).reading])

    def fill() -> None:
        for number in range(1, 20):
            writer.add([whole(log(number, 2_000)).reading])

    with trouble(database), pytest.raises(TokwatchError, match=words) as caught:
        fill()

    assert database.name in caught.value.message
    held = [log(0), *(log(at, 2_000) for at in range(1, len(list(writer.cursors()))))]
    check_whole(database, *held)
    writer.add([whole(log(30)).reading])
    check_whole(database, *held, log(30))


@pytest.mark.parametrize("store_urls", ["postgresql"], indirect=True)
def test_a_lost_server_is_told_and_loses_nothing(
    database: Database, store_url: str, tmp_path: Path
) -> None:
    other = open_store(store_url, tmp_path)
    writer = facts.open_writer(other)
    writer.add([whole(log(0)).reading])
    backend = other.value("SELECT pg_backend_pid()")

    def lose_the_server() -> None:
        with other.transaction():
            other.execute("DELETE FROM event")
            database.execute("SELECT pg_terminate_backend(?)", (backend,))
            other.execute("DELETE FROM copy")

    with pytest.raises(TokwatchError, match="PostgreSQL server is lost"):
        lose_the_server()
    with pytest.raises(TokwatchError, match="PostgreSQL server is lost"):
        list(other.each("SELECT 1"))
    other.close()

    check_whole(database, log(0))


def test_without_the_driver_of_postgresql_its_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(TokwatchError) as caught:
        open_database("postgresql://me@host/db", tmp_path)

    assert "tokwatch[postgres]" in caught.value.hint


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (psycopg.errors.DiskFull(), "disk of the store is full"),
        (psycopg.errors.LockNotAvailable(), "locked by another process"),
        (psycopg.errors.AdminShutdown(), "server is lost"),
        (psycopg.OperationalError("gone"), "server is lost"),
        (psycopg.errors.InsufficientPrivilege(), "refuses this user"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_what_a_server_says_is_told_in_words(error: Exception, words: str) -> None:
    found = told(error, "host/db")

    assert found is not None
    assert words in found.message
    assert found.message.endswith(": host/db")
    assert found.hint


@pytest.mark.parametrize(
    "error", [sqlite3.OperationalError("no such column"), psycopg.errors.UndefinedColumn()]
)
def test_a_mistake_of_ours_stays_what_it_is(error: Exception) -> None:
    assert told(error, "store") is None


def test_an_unknown_column_is_not_told_as_trouble(database: Database) -> None:
    with pytest.raises((sqlite3.Error, psycopg.Error)):
        database.rows("SELECT mood FROM event")
    with pytest.raises((sqlite3.Error, psycopg.Error)):
        list(database.each("SELECT mood FROM event"))
    with pytest.raises((sqlite3.Error, psycopg.Error)):
        database.executemany("INSERT INTO event (mood) VALUES (?)", [(1,)])


def test_a_file_that_another_program_holds_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(tmp_path / "tokwatch.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    holder.execute("CREATE TABLE held (id INTEGER)")

    with pytest.raises(TokwatchError, match="locked by another process"):
        open_sqlite(tmp_path / "tokwatch.db")

    holder.close()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(TokwatchError, match="cannot open the store"):
        open_sqlite(tmp_path / "file" / "tokwatch.db")


@pytest.mark.parametrize("rows", [0, 1, ROWS_AT_ONCE, 2 * ROWS_AT_ONCE + 1])
def test_any_number_of_rows_is_inserted(database: Database, rows: int) -> None:
    database.execute("CREATE TEMPORARY TABLE pairs (a INTEGER PRIMARY KEY, b INTEGER)")

    database.insert("pairs (a, b)", "(?, 7)", [(number,) for number in range(rows)])
    database.insert("pairs (a, b)", "(?, 8)", [(0,)] * rows, " ON CONFLICT (a) DO NOTHING")

    assert database.rows("SELECT a, b FROM pairs ORDER BY a") == [(a, 7) for a in range(rows)]


def test_a_row_that_does_not_fit_undoes_the_transaction(database: Database) -> None:
    def write() -> None:
        with database.transaction():
            database.execute("INSERT INTO workspace (name) VALUES ('other')")
            database.insert("pruned (workspace, key)", "(?, ?)", [(1, 1)] * (ROWS_AT_ONCE + 1))

    with pytest.raises((sqlite3.IntegrityError, psycopg.IntegrityError)):
        write()

    assert database.rows("SELECT name FROM workspace WHERE name = 'other'") == []
    assert database.rows("SELECT key FROM pruned") == []


def test_only_a_row_that_is_new_is_made(database: Database) -> None:
    insert = "INSERT INTO workspace (name) VALUES (?)"
    first, second = database.made(insert, ("first",)), database.made(insert, ("second",))

    assert database.made(insert, ("first",)) is None
    rows = database.rows("SELECT id, name FROM workspace WHERE name IN ('first', 'second')")
    assert set(rows) == {(first, "first"), (second, "second")}


def test_space_is_given_back(database: Database) -> None:
    facts.open_writer(database).add([whole(log(0)).reading])

    database.shrink()
    database.checkpoint()

    check_whole(database, log(0))


def test_only_its_owner_can_read_a_new_store(tmp_path: Path) -> None:
    open_sqlite(tmp_path / "tokwatch.db").close()

    assert (tmp_path / "tokwatch.db").stat().st_mode & 0o777 == 0o600


def test_a_store_in_a_folder_that_cannot_be_written_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_one_event = open_store("", tmp_path)
    facts.write(with_one_event, [[whole(script("/logs/a.jsonl", request(1)))]])
    with_one_event.close()
    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr("os.access", lambda path, mode: False)

    database = open_store("", tmp_path, read_only=True)

    assert list(facts.events(database)) == [1]
    assert sorted(tmp_path.iterdir()) == before
    database.close()


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_what_was_read_of_the_file_is_no_memory_of_the_process(tmp_path: Path) -> None:
    path = tmp_path / "large.db"
    with closing(open_sqlite(path)) as writer:
        writer.execute("CREATE TABLE page (text TEXT)")
        with writer.transaction():
            writer.executemany("INSERT INTO page VALUES (?)", [("x" * 2_000,)] * 4_000)
        writer.checkpoint()
        with closing(open_sqlite(path, read_only=True)) as reader:
            for database in (writer, reader):
                assert database.value("SELECT sum(length(text)) FROM page") == 8_000_000
            assert f"{path}\n" not in Path("/proc/self/smaps").read_text(encoding="utf-8")
