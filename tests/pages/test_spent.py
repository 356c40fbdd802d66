"""Days that are over are counted once, and again as soon as they may be others."""

from __future__ import annotations

from itertools import product

import pytest
from msgspec.structs import replace

from tests.pages.sights import sight_of
from tests.store.build import Made, build
from tokwatch.model.units import DAY_MS, HOUR_MS
from tokwatch.pages.memory import Memory
from tokwatch.pages.spent import days_of
from tokwatch.store.connect import Database
from tokwatch.store.read.every import day_counts
from tokwatch.store.view import View

TODAY = 20_600
NOW_MS = TODAY * DAY_MS + 9 * HOUR_MS
FIRSTS = (-3, 0, TODAY - 100, TODAY - 57, TODAY - 2, TODAY, TODAY + 1)
ENDS = (TODAY - 60, TODAY - 1, TODAY, TODAY + 2)


@pytest.fixture
def view(database: Database) -> View:
    """Return a store with one to three requests on most days of four months, and one of 1969."""
    return build(
        database,
        [
            Made(-2 * DAY_MS),
            *(
                Made(NOW_MS - day * DAY_MS - number, computed_nano=day)
                for day in range(120)
                for number in range(day % 4)
            ),
        ],
    )


@pytest.mark.parametrize("past", [None, 1])
def test_parts_come_to_the_whole(view: View, past: int | None) -> None:
    sight, memory = replace(sight_of(view, NOW_MS), past=past), Memory()

    for first, end in 2 * list(product(FIRSTS, ENDS)):
        assert days_of(sight, memory, first, end) == day_counts(view, first, end)


def events_of_each(view: View, past: int | None, memory: Memory, after_ms: int) -> dict[int, int]:
    sight = replace(sight_of(view, NOW_MS), past=past, now_ms=NOW_MS + after_ms)
    return {day: events for day, events, _ in days_of(sight, memory, 0, TODAY + 2)}


def test_what_is_known_not_to_have_changed_is_not_read(view: View, database: Database) -> None:
    memory = Memory()
    first = events_of_each(view, 1, memory, 0)
    database.execute("UPDATE day SET events = events + 1")
    again = events_of_each(view, 1, memory, DAY_MS)

    changed = {day for day, events in again.items() if events != first[day]}
    # Where clocks are 26 hours apart, the day before yesterday of one ends in today of the other.
    assert changed == {day for day in first if day >= TODAY - 2}
    seen = events_of_each(view, 2, memory, DAY_MS + 1)
    assert seen == {day: events + 1 for day, events in first.items()}


def test_without_knowledge_of_the_past_all_is_read(view: View, database: Database) -> None:
    memory = Memory()
    first = events_of_each(view, None, memory, 0)
    database.execute("UPDATE day SET events = events + 1")

    seen = events_of_each(view, None, memory, 0)
    assert seen == {day: events + 1 for day, events in first.items()}
