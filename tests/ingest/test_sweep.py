"""A sweep looks at all logs used lately, and makes room for what is wanted meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.transcripts import append, response, transcript
from tokwatch.config import load
from tokwatch.ingest import sweep as module
from tokwatch.ingest.ingest import Ingest, Pending, open_ingest
from tokwatch.ingest.sweep import Sweep
from tokwatch.store.store import open_store


@pytest.fixture
def ingest(tmp_path: Path, home: Path) -> Iterator[Ingest]:
    for number in range(7):
        append(transcript(home, f"session-{number}"), response(number, session=f"{number}"))
    config = load(data=tmp_path / "data")
    database = open_store(config.store.url, config.data)
    yield open_ingest(config, database)
    database.close()


def names(logs: list[Pending]) -> set[str]:
    return {Path(log.found.path).stem for log in logs}


def test_it_stops_for_what_is_wanted_and_goes_on(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PIECE", 3)
    wanted = True
    sweep = Sweep(lambda: wanted)
    sweep.renew(ingest.walk().logs, 0)
    assert not sweep.goes_on
    sweep.begin()
    first = sweep.step(ingest, all_new=True)
    assert (len(first), sweep.goes_on) == (3, True)

    wanted = False
    rest = sweep.step(ingest, all_new=True)
    assert (len(names(first) | names(rest)), sweep.goes_on) == (7, False)

    sweep.begin()
    sweep.renew([], 0)
    assert not sweep.goes_on


def test_what_is_as_it_was_found_may_wait_for_its_turn(ingest: Ingest, home: Path) -> None:
    sweep = Sweep(lambda: False)
    sweep.renew(ingest.walk().logs, 0)
    append(transcript(home, "session-4"), response(9, session="4"))
    sweep.begin()
    changed = sweep.step(ingest, all_new=False)
    assert names(changed) == {"session-4"}

    sweep.add(changed)
    sweep.begin()
    assert sweep.step(ingest, all_new=False) == []


def test_what_was_not_used_lately_is_left_out(ingest: Ingest) -> None:
    logs = ingest.walk().logs
    sweep = Sweep(lambda: False)
    sweep.renew(logs, max(log.found.mtime_ns for log in logs) + 1)
    sweep.begin()
    assert not sweep.goes_on
