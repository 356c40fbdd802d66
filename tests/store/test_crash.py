"""A process that is killed at any moment of an ingest loses nothing and doubles nothing."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest

from tests.store import facts
from tests.transcripts import NOON, append, response, transcript
from tokwatch.store.connect import Database
from tokwatch.store.integrity import damage
from tokwatch.store.store import open_store

LOGS = 6
RESPONSES = 25


@pytest.fixture
def logs(home: Path) -> Path:
    """Write sessions of which each begins with the one before it; return the home they lie in."""
    for log in range(LOGS):
        path = transcript(home, f"session-{log}", f"project-{log % 3}")
        for number in range(max(0, log - 1) * RESPONSES, (log + 1) * RESPONSES):
            at = NOON + timedelta(minutes=number)
            append(path, *(response(number, at=at, output=size) for size in (1, number)))
    return home


def start(data: Path, url: str, repository: Path) -> subprocess.Popen[bytes]:
    """Start an ingest."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.ingesting", str(data), url],
        cwd=repository,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(repository), *filter(None, sys.path)]),
        },
        stdout=subprocess.PIPE,
    )


def check_whole(database: Database) -> None:
    """Check the file, that roll-ups are the sums of the events, and cursors lie behind them."""
    assert damage(database) == []
    events = facts.events(database)
    assert facts.cells(database) == facts.expected_cells(events.values())
    read = {path: end for path, end in database.rows("SELECT path, offset_bytes FROM log")}
    assert all(event.offset_bytes < read[event.path] for event in events.values())


@pytest.mark.parametrize("seed", range(2))
def test_kills_at_any_moment_change_nothing_in_the_end(
    store_url: str, tmp_path: Path, logs: Path, repository: Path, seed: int
) -> None:
    chance = random.Random(seed)
    kills = 0
    while True:
        process = start(tmp_path, store_url, repository)
        assert process.stdout
        # Which statement it is that the signal meets differs from run to run.
        for _ in islice(process.stdout, chance.randint(1, 160)):
            pass
        process.kill()
        process.communicate()
        if process.returncode == 0:
            break
        kills += 1
        database = open_store(store_url, tmp_path)
        check_whole(database)
        database.close()
    assert kills > 2

    database = open_store(store_url, tmp_path)
    events = facts.events(database)
    check_whole(database)
    assert len(events) == LOGS * RESPONSES
    assert {event.output for event in events.values()} == set(range(LOGS * RESPONSES))
    database.close()
