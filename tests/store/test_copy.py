"""Copies of a store that is being written to open and are whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest

from tests.store import facts
from tests.store.worlds import request, script, whole
from tests.transcripts import NOON, append, response, transcript
from tokwatch.store.backup import backup
from tokwatch.store.connect import open_sqlite
from tokwatch.store.integrity import damage
from tokwatch.store.store import open_store

COPIES = 6
RESPONSES = 60


@pytest.fixture
def busy(home: Path, tmp_path: Path, repository: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start an ingest that goes on and on."""
    transcript(home)
    url = f"sqlite:///{tmp_path / 'tokwatch.db'}"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.store.ingesting", str(tmp_path), url, "--forever"],
        cwd=repository,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(repository), *filter(None, sys.path)]),
        },
        stdout=subprocess.PIPE,
    )
    yield process
    process.kill()
    process.communicate()


def check_whole(file: Path) -> int:
    """Check a store's file and sums; return how many events it holds."""
    database = open_sqlite(file)
    assert damage(database) == []
    events = facts.events(database)
    assert facts.cells(database) == facts.expected_cells(events.values())
    database.close()
    return len(events)


@pytest.mark.parametrize("way", ["file", "file and log", "backup"])
def test_a_copy_taken_while_logs_are_read_is_whole(
    busy: subprocess.Popen[bytes], home: Path, tmp_path: Path, way: str
) -> None:
    store, held = tmp_path / "tokwatch.db", []
    for number in range(COPIES):
        folder = tmp_path / f"copy{number}"
        folder.mkdir()
        for at in range(number * RESPONSES, (number + 1) * RESPONSES):
            append(transcript(home), response(at, at=NOON + timedelta(minutes=at)))
        assert busy.stdout
        for _ in islice(busy.stdout, 150):
            pass
        if way == "backup":
            backup(store, folder / store.name)
        else:
            shutil.copy(store, folder)
        if way == "file and log":
            shutil.copy(f"{store}-wal", folder)
        held.append(check_whole(folder / store.name))

    assert held == sorted(held)
    if way != "file":
        assert held[-1] > 0


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
