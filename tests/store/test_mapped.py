"""What is mapped of the store's file does not stay in the process for good."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import pytest

from tokwatch.store import connect
from tokwatch.store.connect import READERS_CACHE_KB, READERS_LARGE_CACHE_KB, open_sqlite

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
SIZE = 8 << 20
READ = "SELECT count(*), sum(length(text)) FROM page"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A store's file of 8 MB."""
    path = tmp_path / "large.db"
    database = open_sqlite(path)
    database.execute("CREATE TABLE page (text TEXT)")
    with database.transaction():
        database.executemany("INSERT INTO page VALUES (?)", [("x" * 2_000,)] * (SIZE // 2_000))
    database.checkpoint()
    database.close()
    return path


def mapped(path: Path) -> int:
    """Return how many bytes of a file this process has in its memory."""
    held = 0
    is_ours = False
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        name, *rest = line.split()
        if not name.endswith(":"):
            is_ours = line.endswith(str(path))
        elif is_ours and name == "Rss:":
            held += int(rest[0]) << 10
    return held


def test_a_connection_lets_go_of_what_it_has_seen(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_sqlite(file, read_only=True)
    whole = database.rows(READ)
    assert mapped(file) > SIZE / 2
    for _ in range(2):
        monkeypatch.setattr(database, "_maps_until", 0.0)
        assert database.rows(READ) == whole
        assert mapped(file) < SIZE / 4
        assert database.rows(READ) == whole
        assert mapped(file) > SIZE / 2, "what is read next is mapped again"
    database.close()


@pytest.mark.parametrize(
    ("mapped_bytes", "cache_kb"), [(2 * SIZE, READERS_CACHE_KB), (SIZE, READERS_LARGE_CACHE_KB)]
)
def test_what_is_not_mapped_of_a_large_file_is_cached(
    file: Path, monkeypatch: pytest.MonkeyPatch, mapped_bytes: int, cache_kb: int
) -> None:
    monkeypatch.setattr(connect, "MAPPED_BYTES", mapped_bytes)
    database = open_sqlite(file, read_only=True)
    assert database.value("PRAGMA cache_size") == -cache_kb
    database.close()


def test_in_the_midst_of_a_transaction_nothing_is_lost(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "MAPPED_S", 0.0)
    database = open_sqlite(file)
    with database.transaction():
        ((count, length),) = database.rows(READ)
        database.execute("INSERT INTO page VALUES ('more')")
        assert database.rows(READ) == [(count + 1, length + 4)]
    with database.snapshot():
        assert database.rows(READ) == database.rows(READ) == [(count + 1, length + 4)]
    database.close()


def test_a_query_that_is_half_read_goes_on(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = open_sqlite(file, read_only=True)
    texts = database.execute("SELECT text FROM page")
    first = texts.fetchone()
    monkeypatch.setattr(database, "_maps_until", 0.0)
    ((count, _),) = database.rows(READ)
    assert [first, *texts.fetchall()] == [first] * count
    monkeypatch.setattr(database, "_maps_until", 0.0)
    database.rows(READ)
    assert mapped(file) < SIZE / 4, "once it is read the file is mapped anew"
    database.close()


def test_a_query_that_is_left_holds_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = open_sqlite(file, read_only=True)
    whole = database.rows(READ)
    with closing(database.each("SELECT text FROM page")) as texts:
        next(texts)
    monkeypatch.setattr(database, "_maps_until", 0.0)
    assert database.rows(READ) == whole
    assert mapped(file) < SIZE / 4
    database.close()
