"""Pruning takes old events, keeps their sums, and nothing that was pruned comes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.store import facts
from tests.store.brute import expected_events
from tests.store.worlds import NOON_MS, Script, request, script, whole
from tokwatch.model.event import Sighting
from tokwatch.model.units import DAY_MS
from tokwatch.store.connect import Database
from tokwatch.store.integrity import differences
from tokwatch.store.prune import Prunable, prunable, prune, retention_begin_ms
from tokwatch.store.store import open_store

BEFORE_MS = NOON_MS // DAY_MS * DAY_MS
"""Midnight before the living requests."""

NOTHING = Prunable(BEFORE_MS)


def old(number: int, session: str, days: int = 3) -> Sighting:
    """Return a request of some days ago."""
    one = request(number, session)
    ago = days * DAY_MS
    return one._replace(instant_ms=one.instant_ms - ago, first_ms=one.first_ms - ago)


ENDED = script("/logs/ended.jsonl", old(1, "ended"), old(2, "ended", days=2))
LIVING = script("/logs/living.jsonl", old(3, "living"), request(4, "living"))


def read(database: Database, *scripts: Script) -> None:
    """Read logs from their starts."""
    facts.write(database, [[whole(one)] for one in scripts])


def test_sessions_that_ended_go_and_their_sums_stay(database: Database) -> None:
    read(database, ENDED, LIVING)
    sums = facts.cells(database)

    found = prune(database, 1, BEFORE_MS)

    times = (NOON_MS + 1_000 - 3 * DAY_MS, NOON_MS + 2_000 - 2 * DAY_MS)
    assert found == Prunable(BEFORE_MS, 2, 1, 2 * 1_050, *times)
    assert set(facts.events(database)) == {3, 4}
    assert facts.cells(database) == sums


def test_a_dry_run_tells_the_same_and_changes_nothing(
    database: Database, store_url: str, tmp_path: Path
) -> None:
    read(database, ENDED, LIVING)
    reader = open_store(store_url, tmp_path, read_only=True)

    told = prunable(reader, 1, BEFORE_MS)

    reader.close()
    assert set(facts.events(database)) == {1, 2, 3, 4}
    assert told == prune(database, 1, BEFORE_MS)
    assert prunable(database, 1, BEFORE_MS) == NOTHING


def test_what_was_pruned_does_not_come_back(database: Database) -> None:
    read(database, ENDED, LIVING)
    prune(database, 1, BEFORE_MS)
    sums = facts.cells(database)

    read(database, ENDED, replace(ENDED, path="/logs/copy.jsonl"), replace(ENDED, version=2))

    assert set(facts.events(database)) == {3, 4}
    assert facts.cells(database) == sums


def test_a_resumed_session_counts_only_what_is_new(database: Database) -> None:
    read(database, ENDED, LIVING)
    prune(database, 1, BEFORE_MS)
    # A copy may bear the instant of the copying.
    restamped = [request(9, "resumed")._replace(key=key) for key in (1, 2)]

    read(database, script("/logs/resumed.jsonl", *restamped, request(5, "resumed")))

    assert set(facts.events(database)) == {3, 4, 5}


def test_a_rebuild_after_pruning_finds_nothing_wrong_and_loses_nothing(
    database: Database,
) -> None:
    read(database, ENDED, LIVING)
    prune(database, 1, BEFORE_MS)
    sums = facts.cells(database)

    assert differences(database, 1, facts.utc_day) == {}

    database.execute("DELETE FROM day")
    database.execute("DELETE FROM total")
    database.execute("DELETE FROM quarter WHERE quarter_ms >= ?", (BEFORE_MS,))
    assert differences(database, 1, facts.utc_day) == {"quarter": 1, "day": 3, "total": 2}
    with database.transaction():
        facts.roll_ups(database).rebuild()
    assert facts.cells(database) == sums


def test_old_requests_of_a_log_that_turns_up_late_are_counted(database: Database) -> None:
    read(database, ENDED, LIVING)
    prune(database, 1, BEFORE_MS)
    late = script("/logs/late.jsonl", old(7, "late"))
    everything = facts.expected_cells(expected_events((ENDED, LIVING, late)).values())

    read(database, late)

    assert facts.cells(database) == everything
    assert differences(database, 1, facts.utc_day) == {}
    assert prune(database, 1, BEFORE_MS).events == 1
    assert facts.cells(database) == everything


@pytest.mark.parametrize("days", [0, 1])
def test_an_old_session_stays_while_a_living_one_shares_its_requests(
    database: Database, days: int
) -> None:
    ancestor = script("/logs/a.jsonl", old(1, "a"), old(2, "a"))
    middle = script("/logs/b.jsonl", old(2, "b")._replace(copied=1), old(3, "b"))
    newest = script("/logs/c.jsonl", old(3, "c")._replace(copied=1), old(4, "c", days))
    read(database, ancestor, middle, newest)

    found = prune(database, 1, BEFORE_MS)

    assert found.events == (0 if days == 0 else 4)
    assert len(facts.events(database)) == 4 - found.events
    assert bool(database.rows("SELECT 1 FROM copy")) == (days == 0)
    if days:
        read(database, newest, middle, ancestor)
        assert facts.events(database) == {}


def test_other_workspaces_keep_theirs(database: Database) -> None:
    for workspace in ("local", "theirs"):
        facts.open_writer(database, workspace=workspace).add([whole(ENDED).reading])

    prune(database, 1, BEFORE_MS)

    assert len(facts.events(database, "theirs")) == 2
    assert len(facts.events(database)) == 0


def test_the_limit_moves_once_a_day() -> None:
    assert retention_begin_ms(NOON_MS, 0) == BEFORE_MS
    assert retention_begin_ms(BEFORE_MS + DAY_MS - 1, 30) == BEFORE_MS - 30 * DAY_MS
