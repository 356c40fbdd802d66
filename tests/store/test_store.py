"""Opening a store: a new one, an older one, a newer one, a damaged one; by several at once."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.store import facts
from tests.store.worlds import request, script, whole
from tokwatch.errors import TokwatchError
from tokwatch.ingest.lock import IngestLock
from tokwatch.store import migrate, store
from tokwatch.store.connect import open_database
from tokwatch.store.store import REVISION, open_store, stored_revision, workspace_id

FURTHER = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{before}"

def upgrade():
    op.add_column("event", sa.Column("mood", sa.Text, nullable=False, server_default="calm"))
    {then}
"""


@pytest.fixture
def filled(store_url: str, tmp_path: Path) -> str:
    """Return the address of a store with one event."""
    database = open_store(store_url, tmp_path)
    facts.write(database, [[whole(script("/logs/a.jsonl", request(1)))]])
    database.close()
    return store_url


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what turns this tokwatch into one with a further migration."""

    def upgrade(then: str = "") -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(migrate.FOLDER, folder)
        text = FURTHER.format(before=REVISION, then=then)
        (folder / "versions" / "9999_further.py").write_text(text)
        monkeypatch.setattr(migrate, "FOLDER", folder)
        monkeypatch.setattr(store, "REVISION", "9999")

    return upgrade


def test_a_new_store_has_the_newest_schema_and_keeps_what_it_holds(
    filled: str, tmp_path: Path
) -> None:
    database = open_store(filled, tmp_path)

    assert stored_revision(database) == REVISION
    assert list(facts.events(database)) == [1]
    database.close()


def test_a_reader_cannot_write(filled: str, tmp_path: Path) -> None:
    reader = open_store(filled, tmp_path, read_only=True)

    with pytest.raises(TokwatchError, match="cannot be written to"):
        reader.execute("DELETE FROM event")
    with pytest.raises(TokwatchError, match="cannot be written to"), reader.transaction():
        reader.execute("DELETE FROM event")

    assert list(facts.events(reader)) == [1]
    assert workspace_id(reader, "unknown") is None
    reader.close()


def test_a_reader_may_come_first(store_url: str, tmp_path: Path) -> None:
    open_database(store_url, tmp_path).close()

    reader = open_store(store_url, tmp_path, read_only=True)

    assert facts.events(reader) == {}
    reader.close()


def test_a_reader_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(TokwatchError, match="cannot be opened"):
        open_store("", tmp_path / "nowhere", read_only=True)

    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("read_only", [False, True])
def test_an_older_store_is_migrated_and_loses_nothing(
    filled: str, tmp_path: Path, newer: Callable[..., None], read_only: bool
) -> None:
    newer()

    database = open_store(filled, tmp_path, read_only=read_only)

    assert stored_revision(database) == "9999"
    assert database.rows("SELECT key, mood FROM event") == [(1, "calm")]
    assert database.read_only == read_only
    database.close()


def test_a_migration_that_fails_changes_nothing(
    filled: str, tmp_path: Path, newer: Callable[..., None]
) -> None:
    newer(then="raise RuntimeError('half way')")

    with pytest.raises(RuntimeError, match="half way"):
        open_store(filled, tmp_path)

    database = open_database(filled, tmp_path)
    assert stored_revision(database) == REVISION
    with pytest.raises(Exception, match="mood"):
        database.rows("SELECT mood FROM event")
    database.close()


def test_a_reader_migrates_nothing_below_an_older_tokwatch_that_ingests(
    filled: str, tmp_path: Path, newer: Callable[..., None]
) -> None:
    lock = IngestLock(tmp_path)
    assert lock.acquire()
    newer()

    with pytest.raises(TokwatchError, match="uses the store with an older tokwatch"):
        open_store(filled, tmp_path, read_only=True)

    lock.release()


def test_a_newer_store_is_read_but_not_written(
    filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "REVISION", "0000")

    with pytest.raises(TokwatchError, match=f"has schema {REVISION}, this tokwatch knows 0000"):
        open_store(filled, tmp_path)

    reader = open_store(filled, tmp_path, read_only=True)
    assert "it is read, not written" in reader.notice
    assert list(facts.events(reader)) == [1]
    reader.close()


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + b"\xff" * 9_000])
def test_a_damaged_file_is_named_and_left_as_it_is(
    tmp_path: Path, content: bytes, read_only: bool
) -> None:
    file = tmp_path / "tokwatch.db"
    file.write_bytes(content)

    with pytest.raises(TokwatchError, match=r"is damaged: .*tokwatch\.db") as caught:
        open_store("", tmp_path, read_only=read_only)

    assert caught.value.hint
    assert file.read_bytes() == content


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    database = open_database("", tmp_path)
    database.execute("CREATE TABLE bookmarks (id INTEGER)")
    database.close()

    with pytest.raises(TokwatchError, match="a database of another program"):
        open_store("", tmp_path)


def test_a_server_that_is_not_there_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(TokwatchError, match="cannot reach the store's PostgreSQL server"):
        open_store(f"postgresql://me:secret@/x?host={tmp_path}", tmp_path)


OPEN = """
import sys
from pathlib import Path
from tokwatch.store.store import open_store, workspace_id
sys.stdin.readline()
database = open_store(sys.argv[1], Path(sys.argv[2]))
print(workspace_id(database, "local"))
"""


def test_processes_may_make_the_same_store_at_once(store_url: str, tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, store_url, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()

    ends = [process.communicate(timeout=60) for process in processes]

    assert [error for _, error in ends if error] == []
    assert len({number for number, _ in ends}) == 1
