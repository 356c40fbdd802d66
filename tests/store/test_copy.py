"""Copies of a store that is being written to open and are whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.store import facts
from tests.store.worlds import request, script, whole
from tests.transcripts import NOON, append, response, transcript
from tokwatch.errors import TokwatchError
from tokwatch.store.backup import backup
from tokwatch.store.connect import open_sqlite
from tokwatch.store.integrity import damage
from tokwatch.store.store import open_store

COPIES = 8


@pytest.fixture
def store(home: Path, tmp_path: Path, repository: Path) -> Iterator[Path]:
    """Return a store that another process is writing to without a pause."""
    store, is_over = tmp_path / "tokwatch.db", threading.Event()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.store.ingesting", str(tmp_path), f"sqlite:///{store}"],
        cwd=repository,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(repository), *filter(None, sys.path)]),
            "FOREVER": "1",
        },
        stdout=subprocess.DEVNULL,
    )
    thread = threading.Thread(target=keep_answering, args=(transcript(home), is_over))
    thread.start()
    yield store
    is_over.set()
    process.kill()
    process.communicate()
    thread.join()


def keep_answering(log: Path, is_over: threading.Event) -> None:
    """Append responses to a log until it is over."""
    number = 0
    while not is_over.wait(0.001):
        append(log, *(response(number + at, at=NOON + timedelta(number)) for at in range(5)))
        number += 5


def check_whole(file: Path) -> int:
    """Check a store's file and sums; return how many events it holds."""
    database = open_sqlite(file)
    assert damage(database) == []
    events = facts.events(database)
    assert facts.cells(database) == facts.expected_cells(events.values())
    database.close()
    return len(events)


def wait_for_more(store: Path, events: int) -> None:
    """Return when a store holds more than so many events."""
    while True:
        try:
            reader = open_store(f"sqlite:///{store}", store.parent, read_only=True)
        except TokwatchError:
            continue
        held = reader.value("SELECT count(*) FROM event")
        reader.close()
        if held > events:
            return


@pytest.mark.parametrize("way", ["file", "file and log", "backup"])
def test_a_copy_taken_while_logs_are_read_is_whole(store: Path, tmp_path: Path, way: str) -> None:
    held = [0]
    for number in range(COPIES):
        wait_for_more(store, max(held))
        copy = tmp_path / f"copy{number}" / store.name
        copy.parent.mkdir()
        if way == "backup":
            backup(store, copy)
        else:
            shutil.copy(store, copy)
        if way == "file and log":
            shutil.copy(f"{store}-wal", f"{copy}-wal")
        held.append(check_whole(copy))

    assert held == sorted(held)
    if way != "file":
        assert len(set(held)) == COPIES + 1


def test_the_file_alone_holds_all_after_a_checkpoint(tmp_path: Path) -> None:
    database = open_store("", tmp_path)
    facts.write(database, [[whole(script("/logs/a.jsonl", request(1), request(2)))]])

    database.checkpoint()

    shutil.copy(tmp_path / "tokwatch.db", tmp_path / "copy.db")
    assert check_whole(tmp_path / "copy.db") == 2
    database.close()


def test_a_new_store_is_whole_from_the_first_moment(tmp_path: Path) -> None:
    database = open_store("", tmp_path)

    shutil.copy(tmp_path / "tokwatch.db", tmp_path / "copy.db")

    assert check_whole(tmp_path / "copy.db") == 0
    database.close()
