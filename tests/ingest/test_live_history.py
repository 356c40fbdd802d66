"""History is read behind what the tools write now, and the screen comes before both."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.transcripts import append, response, transcript
from tokwatch.config import Config, load
from tokwatch.ingest import live as module
from tokwatch.ingest.followed import LiveStatus
from tokwatch.ingest.ingest import Ingest, open_ingest, refresh
from tokwatch.ingest.live import LiveIngest
from tokwatch.ingest.lock import IngestLock
from tokwatch.model.snapshot import Progress, Snapshot
from tokwatch.monitor.monitor import Monitor
from tokwatch.store.connect import Database
from tokwatch.store.store import open_store

PATIENCE_S = 60.0


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load(data=tmp_path / "data")


@pytest.fixture
def database(config: Config) -> Iterator[Database]:
    database = open_store(config.store.url, config.data)
    yield database
    database.close()


@pytest.fixture
def ingest(config: Config, database: Database, home: Path) -> Ingest:
    for number in range(3):
        append(transcript(home, f"session-{number}"), response(number, session=f"{number}"))
    return open_ingest(config, database)


def end(following: LiveIngest) -> None:
    """End the threads of one that was begun without its own."""
    following._notices.stop()
    if following._carrier is not None:
        following._carrier.join()


def events(database: Database) -> int:
    found: int = database.value("SELECT count(*) FROM event")
    return found


def test_a_sweep_reads_what_changed_and_leaves_history_to_its_turn(
    config: Config, database: Database, ingest: Ingest, home: Path
) -> None:
    following = LiveIngest(config, lambda: None)
    try:
        history = following._start(ingest)
        assert history is not None
        following._due.sweep = 0.0
        following._look_around(ingest, history)
        assert events(database) == 0

        append(transcript(home, "session-1"), response(9, session="1"))
        following._due.sweep = 0.0
        following._look_around(ingest, history)
        assert events(database) == 2, "the log that changed, from its beginning"

        while history.read_on(lambda: True, following._note):
            following._next_hints(history.rest_s())
        assert events(database) == 4
    finally:
        end(following)


def test_history_gives_way_to_what_the_tools_write(
    config: Config, database: Database, ingest: Ingest, home: Path
) -> None:
    news: list[int] = []
    following = LiveIngest(config, lambda: None, news=lambda: news.append(events(database)))
    try:
        history = following._start(ingest)
        assert history is not None
        following._hints.put({"hint"})
        next(history.batches)
        assert events(database) == 1, "a batch of all three logs would have held up the hint"
        following._next_hints(0.0)
        next(history.batches)
        assert (events(database), news) == (3, [])

        log = transcript(home, "session-1")
        append(log, response(9, session="1"))
        following._read(ingest, ingest.look_at([str(log)]))
        assert news == [4]
    finally:
        end(following)


def test_little_of_the_store_is_kept_in_memory_once_history_is_read(
    config: Config, database: Database, ingest: Ingest
) -> None:
    def cache_kb() -> int:
        return -int(database.value("PRAGMA cache_size"))

    before_kb = cache_kb()
    for _ in ingest.read(ingest.walk().pending):
        pass
    assert cache_kb() == before_kb
    following = LiveIngest(config, lambda: None)
    try:
        assert following._start(ingest) is None
    finally:
        end(following)
    assert cache_kb() < before_kb


def test_the_writer_waits_for_the_disk_only_once_history_is_read(
    config: Config, database: Database, ingest: Ingest
) -> None:
    def pages() -> int:
        found: int = database.value("PRAGMA wal_autocheckpoint")
        return found

    after = pages()
    following = LiveIngest(config, lambda: None)
    try:
        history = following._start(ingest)
        assert history is not None
        assert pages() > after
        while history.read_on(lambda: True, following._note):
            following._next_hints(history.rest_s())
        ingest.writer.settle()
        assert pages() == after
    finally:
        end(following)


def test_that_history_goes_on_is_told_now_and_then_and_all_else_at_once(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment, told = 100.0, 0

    def count() -> None:
        nonlocal told
        told += 1

    monkeypatch.setattr("tokwatch.ingest.live.time.monotonic", lambda: moment)
    following = LiveIngest(config, count)
    status = LiveStatus(started=True, progress=Progress(0, 100, 9))
    following._tell(status)
    assert told == 1
    for done in range(1, 50):
        following._tell(replace(status, progress=Progress(done, 100, 9)))
    assert told == 2
    moment += module.HISTORY_SHOWN_S
    following._tell(replace(status, progress=Progress(50, 100, 9)))
    assert told == 3
    following._tell(replace(status, progress=Progress(51, 100, 9), error="broken"))
    following._tell(replace(status, progress=None))
    assert told == 5
    following._tell(replace(status, progress=None))
    assert told == 5


def test_the_first_picture_does_not_wait_for_the_ingest(config: Config, home: Path) -> None:
    append(transcript(home), response(1))
    refresh(config)
    other = IngestLock(config.data)
    first: list[bool] = []
    begun = threading.Event()
    monitor = Monitor(config)

    def publish(picture: Snapshot) -> None:
        if not first:
            first.append(other.acquire())
            other.release()
        elif picture.sources and picture.progress is None:
            begun.set()

    monitor.start(publish)
    try:
        assert begun.wait(PATIENCE_S), "the ingest never began"
    finally:
        monitor.stop()
    assert first == [True], "the ingest had begun before the first picture"


def test_to_load_the_monitor_is_not_to_load_the_ingest(repository: Path) -> None:
    code = "import sys, tokwatch.monitor.monitor; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=True
    )
    assert not {"tokwatch.ingest.ingest", "filelock", "watchfiles", "logging"} & set(
        ran.stdout.split()
    )
