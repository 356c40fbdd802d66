"""Roll-ups are made anew from the events, and follow the zone of their days."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.store import facts
from tests.store.worlds import request, script, whole
from tokwatch.model.units import QUARTER_MS
from tokwatch.store.connect import Database
from tokwatch.store.integrity import differences
from tokwatch.store.store import open_store, setting

SPOILT = {"quarter": 1, "day": 2, "total": 2}


@pytest.fixture
def filled(database: Database) -> Database:
    """Return a store with requests over two days, in two workspaces."""
    readings = [
        whole(
            script(f"/logs/{name}.jsonl", *(request(at, name) for at in range(0, 90_000, 15_000)))
        )
        for name in ("a", "b")
    ]
    for workspace in ("local", "theirs"):
        facts.open_writer(database, workspace=workspace).add([one.reading for one in readings])
    return database


def spoil(database: Database) -> None:
    """Change one cell, lose all of one roll-up, and lose one and add one of another."""
    database.script(
        (
            "UPDATE quarter SET output = output + 1 WHERE workspace = 1"
            " AND scope = (SELECT min(scope) FROM quarter)"
            " AND quarter_ms = (SELECT min(quarter_ms) FROM quarter)",
            "DELETE FROM day WHERE workspace = 1",
            "UPDATE total SET scope = 77 WHERE workspace = 1"
            " AND scope = (SELECT min(scope) FROM total)",
        )
    )


def test_whole_roll_ups_are_left_alone(filled: Database) -> None:
    before = facts.cells(filled)

    with filled.transaction():
        assert facts.roll_ups(filled).rebuild() == {}

    assert facts.cells(filled) == before


def test_a_rebuild_says_how_many_cells_differed_and_mends_them(filled: Database) -> None:
    theirs = facts.cells(filled, "theirs")
    spoil(filled)

    with filled.transaction():
        found = facts.roll_ups(filled).rebuild()

    assert found == SPOILT
    expected = facts.expected_cells(facts.events(filled).values())
    assert facts.cells(filled) == expected
    assert filled.value("SELECT count(*) FROM total WHERE scope = 77") == 0
    assert facts.cells(filled, "theirs") == theirs


def test_a_reader_can_tell_the_differences_and_changes_nothing(
    filled: Database, store_url: str, tmp_path: Path
) -> None:
    spoil(filled)
    reader = open_store(store_url, tmp_path, read_only=True)

    for _ in range(2):
        assert differences(reader, 1, facts.utc_day) == SPOILT
    assert differences(reader, 2, facts.utc_day) == {}

    reader.close()


def nepal(quarter_ms: int) -> int:
    """Return the day in a zone that is not whole hours away."""
    return facts.utc_day(quarter_ms + 23 * QUARTER_MS)


def test_days_follow_the_zone(filled: Database) -> None:
    writer = facts.open_writer(filled, day_of=nepal)

    assert writer.use_zone("Asia/Kathmandu")
    writer.add([whole(script("/logs/c.jsonl", request(40_000, "c"))).reading])
    assert not writer.use_zone("Asia/Kathmandu")

    events = facts.events(filled).values()
    expected = facts.expected_cells(events, nepal)
    assert expected["day"] != facts.expected_cells(events)["day"]
    assert facts.cells(filled) == expected
    assert setting(filled, 1, "zone") == "Asia/Kathmandu"
    assert setting(filled, 2, "zone") is None
