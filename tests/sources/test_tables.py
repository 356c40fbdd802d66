"""Opening databases that other programs write: never locked, never changed, never half a commit."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tokwatch.sources.tables import (
    NO_DATABASE,
    database_of,
    is_database,
    open_tables,
    pending_status,
)

HOT = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"\0\0\0\1" * 6
Seen = dict[str, tuple[int, int, bytes]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a database with one row, in a folder of its own."""
    return made(tmp_path / "tool" / "log.db")


@pytest.fixture
def live(path: Path) -> Iterator[sqlite3.Connection]:
    """Return a tool's own connection, which writes ahead and waits for nobody."""
    with closing(writer(path, "wal")) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("INSERT INTO t VALUES ('ahead')")
        connection.commit()
        yield connection


def made(path: Path, rows: int = 1) -> Path:
    """Return a new database."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE t (word TEXT)")
        connection.executemany("INSERT INTO t VALUES (?)", [("first",)] * rows)
    return path


def writer(path: Path, journal: str = "delete") -> sqlite3.Connection:
    """Open a database as the tool that owns it."""
    connection = sqlite3.connect(path, timeout=0)
    connection.execute(f"PRAGMA journal_mode = {journal}")
    return connection


def words(connection: sqlite3.Connection) -> list[str]:
    """Return what is in the table."""
    return [word for (word,) in connection.execute("SELECT word FROM t")]


def read(path: Path, meanwhile: Callable[[], object] = list) -> list[str]:
    """Return what is in the table of a database, before something else happens."""
    with open_tables(path) as connection:
        connection.execute("BEGIN")
        found = words(connection)
        meanwhile()
        return found


def run(path: Path, statement: str) -> None:
    """Open a database to run one statement, which may fail."""
    with open_tables(path) as connection:
        connection.execute(statement)


def fail(path: Path, error: Exception, meanwhile: Callable[[], object] = list) -> None:
    """Open a database and meet an error."""
    with open_tables(path):
        meanwhile()
        raise error


def seen(folder: Path) -> Seen:
    """Return every file of a folder as it is."""
    return {
        file.name: (file.stat().st_size, file.stat().st_mtime_ns, file.read_bytes())
        for file in folder.iterdir()
    }


def without_index(found: Seen) -> Seen:
    """Return the files that hold content: in `-shm` every reader marks its place."""
    return {name: file for name, file in found.items() if not name.endswith("-shm")}


def crashed(path: Path, live: sqlite3.Connection) -> None:
    """Leave the files as a tool leaves them that was killed, without the index."""
    kept = {mark: Path(f"{path}{mark}").read_bytes() for mark in ("", "-wal")}
    live.close()
    for file in path.parent.iterdir():
        file.unlink()
    for mark, content in kept.items():
        Path(f"{path}{mark}").write_bytes(content)


def test_a_database_at_rest_is_read_without_a_trace(path: Path) -> None:
    """4.2: no lock, no file beside it, not one byte."""
    before = seen(path.parent)

    assert read(path) == ["first"]
    assert seen(path.parent) == before


def test_a_locked_database_is_read_all_the_same(path: Path) -> None:
    """4.2: a tool may hold its lock for as long as it runs."""
    with closing(writer(path)) as tool:
        tool.execute("BEGIN EXCLUSIVE")
        assert read(path) == ["first"]


def test_a_writer_is_never_locked_out(path: Path) -> None:
    """4.2: it commits while its database is read; what was read is refused."""

    def commit() -> None:
        with closing(writer(path)) as tool, tool:
            tool.execute("INSERT INTO t VALUES ('second')")

    with pytest.raises(OSError, match="will be read again") as raised:
        read(path, commit)

    assert raised.value.errno == errno.EAGAIN
    assert read(path) == ["first", "second"]


def test_a_writer_that_writes_ahead_is_never_locked_out(
    path: Path, live: sqlite3.Connection
) -> None:
    """4.2: a reader sees one moment, and the writer goes on."""
    with open_tables(path) as log:
        log.execute("BEGIN")
        assert words(log) == ["first", "ahead"]
        live.execute("INSERT INTO t VALUES ('third')")
        live.commit()
        assert live.execute("PRAGMA wal_checkpoint").fetchone()[0] == 0
        assert words(log) == ["first", "ahead"]

    assert read(path) == ["first", "ahead", "third"]


def test_a_write_ahead_log_is_left_as_it_is(path: Path, live: sqlite3.Connection) -> None:
    """4.2: the last reader to close must not move it into the database."""
    live.execute("PRAGMA user_version")
    before = seen(path.parent)
    read(path)

    assert without_index(seen(path.parent)) == without_index(before)
    assert set(seen(path.parent)) == set(before)


def test_a_write_ahead_log_without_its_index_is_read_from_a_copy(
    path: Path, live: sqlite3.Connection
) -> None:
    """4.2: to open it in place would make the index."""
    crashed(path, live)
    before = seen(path.parent)

    assert read(path) == ["first", "ahead"]
    assert seen(path.parent) == before


def test_in_a_folder_that_may_not_be_written_a_copy_is_read(
    path: Path, live: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4.2: a mounted backup, another user's home."""
    monkeypatch.setattr(os, "access", lambda place, mode: place != path.parent)
    before = seen(path.parent)

    assert read(path) == ["first", "ahead"]
    assert seen(path.parent) == before


def test_a_copy_is_gone_afterwards(
    path: Path, live: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4.7: it holds somebody's prompts."""
    crashed(path, live)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    with open_tables(path):
        assert len(list(scratch.iterdir())) == 1
    with pytest.raises(OSError, match="no such table"):
        run(path, "SELECT * FROM none")

    assert list(scratch.iterdir()) == []


def test_a_copy_of_two_moments_is_refused(
    path: Path, live: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4.2: the log may be moved into the database between two copies."""
    crashed(path, live)
    copy = shutil.copyfile

    def copy_and_write(source: str, target: str) -> None:
        copy(source, target)
        os.utime(path)

    monkeypatch.setattr(shutil, "copyfile", copy_and_write)
    with pytest.raises(OSError, match="changed while it was read"):
        read(path)


def test_a_commit_that_goes_on_is_waited_for(path: Path) -> None:
    """4.2: a hot journal; its pages are half written."""
    journal = Path(f"{path}-journal")
    journal.write_bytes(HOT)
    with pytest.raises(OSError, match="being written to") as raised:
        read(path)
    assert raised.value.errno == errno.EBUSY
    journal.unlink()

    assert read(path) == ["first"]


def test_a_commit_that_began_meanwhile_is_noticed(path: Path) -> None:
    journal = Path(f"{path}-journal")
    with pytest.raises(OSError, match="being written to"):
        read(path, lambda: journal.write_bytes(HOT))


@pytest.mark.parametrize("mode", ["persist", "truncate", "delete"])
def test_a_journal_that_is_kept_for_the_next_commit_is_none(path: Path, mode: str) -> None:
    """4.2: some tools keep the file to save work."""
    with closing(writer(path, mode)) as tool:
        tool.execute("INSERT INTO t VALUES ('second')")
        tool.commit()
        assert os.path.exists(f"{path}-journal") is (mode != "delete")
        assert read(path) == ["first", "second"]


def test_a_change_within_one_tick_of_the_clock_is_noticed(path: Path) -> None:
    """4.2: size and time may be the same; every commit counts itself."""
    status = path.stat()

    def commit() -> None:
        with closing(writer(path)) as tool, tool:
            tool.execute("UPDATE t SET word = 'FIRST'")
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    with pytest.raises(OSError, match="changed while it was read"):
        read(path, commit)

    assert path.stat().st_size == status.st_size


def test_what_looks_broken_while_it_is_written_is_read_again(path: Path) -> None:
    """4.2: half a commit is no damage."""
    error = sqlite3.DatabaseError("database disk image is malformed")
    with pytest.raises(OSError, match="changed while it was read"):
        fail(path, error, lambda: os.utime(path))


def test_a_log_that_appears_meanwhile_is_noticed(path: Path) -> None:
    """4.2: the tool switched to writing ahead."""
    pending = Path(f"{path}-wal")
    with pytest.raises(OSError, match="changed while it was read"):
        read(path, lambda: pending.write_bytes(b"x" * 32))


@pytest.mark.parametrize(
    "content",
    [b"junk" * 300, b"SQLite format 3\0" + b"\xff" * 2_000, b"{}\n" * 200],
)
def test_what_is_no_database_is_told(path: Path, content: bytes) -> None:
    """4.2: an error of the system's kind, with a number of its own."""
    path.write_bytes(content)
    with pytest.raises(OSError, match="SQLite: ") as raised:
        read(path)

    assert raised.value.errno == NO_DATABASE
    assert raised.value.filename == str(path)


def test_a_database_that_was_cut_is_told(path: Path) -> None:
    made(path.with_name("long.db"), 5_000)
    content = path.with_name("long.db").read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(OSError, match="malformed") as raised:
        read(path)

    assert raised.value.errno == NO_DATABASE


def test_a_broken_schema_is_told_whatever_bytes_are_in_it(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE", b"CREATE \xff\xffBLE"))

    with pytest.raises(OSError, match="schema") as told, open_tables(path) as tables:
        tables.execute("PRAGMA table_info(t)")
    assert told.value.errno == NO_DATABASE


def test_an_empty_file_has_no_tables(path: Path) -> None:
    """4.2: a tool makes the file before it has anything to write."""
    path.write_bytes(b"")
    with open_tables(path) as log:
        assert log.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


def test_a_database_that_is_gone_is_an_error_of_the_system(path: Path) -> None:
    path.unlink()
    with pytest.raises(FileNotFoundError):
        read(path)


@pytest.mark.parametrize(
    ("code", "number"),
    [
        (sqlite3.SQLITE_BUSY, errno.EBUSY),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, errno.EBUSY),
        (sqlite3.SQLITE_LOCKED, errno.EBUSY),
        (sqlite3.SQLITE_CORRUPT_VTAB, NO_DATABASE),
        (sqlite3.SQLITE_IOERR_READ, errno.EIO),
        (sqlite3.SQLITE_ERROR, errno.EIO),
    ],
)
def test_busy_is_told_from_broken(path: Path, code: int, number: int) -> None:
    """4.2: busy is not absent: the numbers of before stay."""
    error = sqlite3.OperationalError("something")
    error.sqlite_errorcode = code
    with pytest.raises(OSError, match="SQLite: something") as raised:
        fail(path, error)

    assert raised.value.errno == number


def test_a_database_that_its_tool_keeps_to_itself_is_read(path: Path) -> None:
    """4.2: in this mode there is no index that others could use."""
    with closing(sqlite3.connect(path, timeout=0)) as tool:
        tool.execute("PRAGMA locking_mode = EXCLUSIVE")
        tool.execute("PRAGMA journal_mode = WAL")
        tool.execute("INSERT INTO t VALUES ('ahead')")
        tool.commit()
        before = seen(path.parent)
        assert read(path) == ["first", "ahead"]
        assert seen(path.parent) == before


def test_nothing_can_be_written(path: Path, live: sqlite3.Connection) -> None:
    """4.2: in place and in a copy alike."""
    for _ in range(2):
        with pytest.raises(OSError, match="readonly"):
            run(path, "INSERT INTO t VALUES ('mine')")
        crashed(path, live)


@pytest.mark.parametrize(
    "name", ["a b.db", "a?b.db", "a#b.db", "a%41.db", "é\u202e.db", "'.db", "\udcff.db"]
)
def test_names_of_any_kind_are_opened(path: Path, name: str) -> None:
    """4.6: a path is no address."""
    os.rename(path, path.with_name(name))

    assert read(path.with_name(name)) == ["first"]


def test_text_of_any_kind_is_read(path: Path) -> None:
    with closing(writer(path)) as tool, tool:
        tool.execute("INSERT INTO t VALUES (CAST(x'41ff42' AS TEXT)), (x'ff'), (7)")

    assert read(path) == ["first", "A\ufffdB", b"\xff", "7"]


@pytest.mark.parametrize(
    ("name", "is_one", "owner"),
    [
        ("/d/x.db", True, "/d/x.db"),
        ("/d/x.sqlite", True, "/d/x.sqlite"),
        ("/d/x.sqlite3", True, "/d/x.sqlite3"),
        ("/d/state.vscdb", True, "/d/state.vscdb"),
        ("/d/x.db-wal", False, "/d/x.db"),
        ("/d/x.db-shm", False, "/d/x.db"),
        ("/d/x.vscdb-journal", False, "/d/x.vscdb"),
        ("/d/x.jsonl", False, "/d/x.jsonl"),
        ("/d/x-wal", False, "/d/x-wal"),
        ("/d/x.jsonl-wal", False, "/d/x.jsonl-wal"),
    ],
)
def test_which_files_are_databases(name: str, *, is_one: bool, owner: str) -> None:
    """4.2: what changes beside a database is a change of it."""
    assert is_database(name) is is_one
    assert database_of(name) == owner


def test_a_write_ahead_log_counts_while_it_holds_something(path: Path) -> None:
    """4.2: after it was moved into the database it stays behind, empty."""
    assert pending_status(str(path)) == (0, 0)
    Path(f"{path}-wal").write_bytes(b"")
    assert pending_status(str(path)) == (0, 0)
    Path(f"{path}-wal").write_bytes(b"12345")

    assert pending_status(str(path)) == (5, os.stat(f"{path}-wal").st_mtime_ns)
