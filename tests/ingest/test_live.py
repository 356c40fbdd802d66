"""What the ingest behind the screen does beside reading: its log, upkeep of the store."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.transcripts import append, response, transcript
from tokwatch.config import Config, load
from tokwatch.errors import TokwatchError
from tokwatch.ingest import live
from tokwatch.ingest.live import LiveIngest
from tokwatch.ingest.lock import IngestLock
from tokwatch.store.connect import open_sqlite

PATIENCE_S = 60.0


@pytest.fixture
def config(tmp_path: Path) -> Config:
    settings = {"TOKWATCH_RETENTION__EVENTS_DAYS": "30", "TOKWATCH_SOURCES__WALK_SECONDS": "1"}
    return load(data=tmp_path / "data", environ=settings)


@pytest.fixture
def changes() -> threading.Condition:
    return threading.Condition()


@pytest.fixture
def ingest(config: Config, changes: threading.Condition, home: Path) -> Iterator[LiveIngest]:
    """Return an ingest that is started by the test."""

    def changed() -> None:
        with changes:
            changes.notify_all()

    ingest = LiveIngest(config, changed)
    yield ingest
    ingest.stop()


def wait_until(changes: threading.Condition, is_so: Callable[[], bool]) -> None:
    """Wait for something that a change brings, or that follows it shortly."""
    with changes:
        for _ in range(int(PATIENCE_S / 0.05)):
            if is_so():
                return
            changes.wait(0.05)
    raise AssertionError("it never came")


def count(store: Path) -> int:
    """Return how many events a store holds; none while there is no store."""
    try:
        database = open_sqlite(store, read_only=True)
    except TokwatchError:
        return 0
    try:
        if database.value("SELECT 1 FROM sqlite_master WHERE name = 'event'") is None:
            return 0  # its tables are still to be made
        found: int = database.value("SELECT count(*) FROM event")
        return found
    finally:
        database.close()


def copied(config: Config, tmp_path: Path) -> int:
    """Return how many events a copy of the store's file alone holds."""
    try:
        shutil.copy(config.data / "tokwatch.db", tmp_path / "copy.db")
    except FileNotFoundError:
        return 0
    return count(tmp_path / "copy.db")


def test_when_history_is_read_the_stores_file_alone_holds_it(
    config: Config,
    ingest: LiveIngest,
    changes: threading.Condition,
    tmp_path: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    append(transcript(home), response(1, at=datetime.now(UTC)))
    ingest.start()
    wait_until(changes, lambda: copied(config, tmp_path) == 1)

    monkeypatch.setattr(live, "QUIET_S", 0.0)
    append(transcript(home), response(2, at=datetime.now(UTC)))

    wait_until(changes, lambda: copied(config, tmp_path) == 2)


def test_events_older_than_the_settings_allow_are_pruned(
    config: Config, ingest: LiveIngest, changes: threading.Condition, home: Path
) -> None:
    now = datetime.now(UTC)
    append(transcript(home, "old"), response(1, session="old", at=now - timedelta(days=40)))
    append(transcript(home, "new"), response(2, session="new", at=now))
    ingest.start()

    wait_until(changes, lambda: ingest.status.started and ingest.status.progress is None)
    wait_until(changes, lambda: count(config.data / "tokwatch.db") == 1)


def test_starts_ends_and_failures_are_logged(
    config: Config,
    ingest: LiveIngest,
    changes: threading.Condition,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "RETRY_LOCK_S", 0.01)
    append(transcript(home), response(1))
    lock = IngestLock(config.data)
    assert lock.acquire()
    ingest.start()
    wait_until(changes, lambda: ingest.status.follower_of is not None)
    (config.data / "tokwatch.db").write_bytes(b"no database")
    lock.release()
    wait_until(changes, lambda: bool(ingest.status.error))
    (config.data / "tokwatch.db").unlink()
    wait_until(changes, lambda: bool(ingest.status.sources and not ingest.status.progress))
    ingest.stop()

    lines = (config.data / "tokwatch.log").read_text("utf-8").splitlines()
    told = [line.split()[3] for line in lines]
    assert told == ["following", "ingest_started", "ingest_failed", "history_read", "ingest_ended"]
    assert "is damaged" in lines[2]


def test_a_data_folder_that_cannot_be_written_to_is_told_until_it_can(
    config: Config,
    ingest: LiveIngest,
    changes: threading.Condition,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "RETRY_LOCK_S", 0.01)
    config.data.write_text("a file", encoding="utf-8")
    ingest.start()
    wait_until(changes, lambda: "cannot write to the data folder" in ingest.status.error)

    config.data.unlink()

    wait_until(changes, lambda: bool(ingest.status.sources and not ingest.status.error))


def test_a_stop_does_not_wait_until_everything_is_read(
    config: Config, changes: threading.Condition, home: Path, tmp_path: Path
) -> None:
    for number in range(60):
        name = f"s{number}"
        append(transcript(tmp_path, name), response(number, session=name))

    def stop_after_the_first_batch() -> None:
        if count(config.data / "tokwatch.db"):
            live_ingest._stop.set()  # `stop` waits for the thread that this is

    live_ingest = LiveIngest(config, stop_after_the_first_batch)
    live_ingest.start()
    wait_until(changes, lambda: live_ingest.status.started)
    (tmp_path / ".claude").rename(home / ".claude")  # a root that appears is read at once
    wait_until(changes, lambda: not live_ingest._thread.is_alive())

    assert 0 < count(config.data / "tokwatch.db") < 60
