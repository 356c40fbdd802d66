"""What a picture takes over from the one before while history is read, and afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.store.build import Made, build
from tests.store.read.test_usage import MARCH_MS
from tokwatch.analysis.facts import Facts, Past
from tokwatch.ingest.followed import LiveStatus
from tokwatch.model.snapshot import Progress
from tokwatch.model.units import DAY_MS, OPEN_END_MS
from tokwatch.monitor import kept_facts as module
from tokwatch.monitor.gather import Question, gather
from tokwatch.monitor.kept_facts import PAST_KEPT_S, KeptFacts
from tokwatch.store.connect import Database
from tokwatch.store.store import open_store
from tokwatch.store.view import View

NOW = MARCH_MS + 13 * DAY_MS
ASK = Question(NOW, "UTC", UTC)
READING = LiveStatus(progress=Progress(1, 2, 1), started=True)
READ = LiveStatus(started=True)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Return a new store."""
    database = open_store("", tmp_path)
    yield database
    database.close()


def past(known: KeptFacts, view: View, changed_ms: int, status: LiveStatus) -> Past:
    """Return what the next picture tells of the days before today."""
    facts = known.again(view, ASK, changed_ms, status)
    assert facts is not None
    return facts.past


class Steady:
    """A steady clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Steady:
    steady = Steady()
    monkeypatch.setattr(module, "time", steady)
    return steady


def test_old_days_are_read_once_a_second_while_history_is_read(
    database: Database, clock: Steady
) -> None:
    view = build(database, [Made(NOW - DAY_MS), Made(NOW)])
    known = KeptFacts()
    first = past(known, view, 0, READING)
    clock.now += PAST_KEPT_S / 2
    soon = past(known, view, NOW - DAY_MS, READING)
    # what changed by then is not forgotten where nothing else does
    clock.now += PAST_KEPT_S / 2
    later = past(known, view, OPEN_END_MS, READING)

    assert soon is first
    assert later is not first
    assert later == first


def test_once_history_is_read_old_days_are_as_the_store_has_them(
    database: Database, clock: Steady
) -> None:
    view = build(database, [Made(NOW - DAY_MS), Made(NOW)])
    known = KeptFacts()
    first = past(known, view, 0, READING)
    reading = past(known, view, NOW - DAY_MS, READING)
    read = past(known, view, OPEN_END_MS, READ)
    again = past(known, view, OPEN_END_MS, READ)

    assert reading is first
    assert read is not first
    assert again is read


def test_who_follows_another_process_reads_everything_again(
    database: Database, clock: Steady
) -> None:
    view = build(database, [Made(NOW - DAY_MS), Made(NOW)])
    known, follower = KeptFacts(), LiveStatus(follower_of=7, started=True)
    first = past(known, view, OPEN_END_MS, follower)
    again = past(known, view, OPEN_END_MS, follower)

    assert again is not first


def test_what_is_read_anew_is_let_go_before(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = build(database, [Made(NOW)])
    given: list[Facts | None] = []

    def spied(view: View, ask: Question, before: Facts | None, since_ms: int) -> Facts | None:
        given.append(before)
        return gather(view, ask, before, since_ms)

    monkeypatch.setattr(module, "gather", spied)
    known = KeptFacts()
    first, second = (known.again(view, ASK, OPEN_END_MS, READ) for _ in range(2))

    assert first == second
    assert first is not None
    assert len(first.recent) == len(first.sessions) == 1
    assert given == [None, replace(first, recent=(), sessions=(), chart=(), hidden={})]


def test_the_past_has_another_number_once_it_changed(database: Database) -> None:
    view = build(database, [Made(NOW - DAY_MS), Made(NOW)])
    known = KeptFacts()

    def number(changed_ms: int, status: LiveStatus = READ, at_ms: int = NOW) -> int | None:
        known.again(view, Question(at_ms, "UTC", UTC), changed_ms, status)
        return known.past

    first = number(0)
    assert first is not None
    assert number(OPEN_END_MS) == number(NOW) == first
    changed = number(NOW - DAY_MS)
    assert changed not in (None, first)
    moved = number(OPEN_END_MS, at_ms=NOW - 2 * DAY_MS)
    assert moved not in (None, first, changed)
    assert number(OPEN_END_MS, LiveStatus(follower_of=7, started=True)) is None
    assert number(OPEN_END_MS) not in (None, first, changed, moved)
    known = KeptFacts()
    assert number(OPEN_END_MS) not in (None, first, changed, moved)


@pytest.mark.parametrize("store_urls", ["postgresql"], indirect=True)
def test_of_a_store_into_which_other_machines_write_no_past_is_known(
    store_url: str, tmp_path: Path
) -> None:
    with closing(open_store(store_url, tmp_path)) as database:
        view = build(database, [Made(NOW - DAY_MS), Made(NOW)])
        known = KeptFacts()
        assert known.again(view, ASK, OPEN_END_MS, READ) is not None
        assert known.past is None
