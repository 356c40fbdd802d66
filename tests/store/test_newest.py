"""Events are found by the agents that were at work, and the newest without reading the others."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.store.build import build
from tests.store.read.test_usage import MARCH_MS, random_requests
from tokwatch.model.units import DAY_MS, OPEN_END_MS, QUARTER_MS
from tokwatch.model.usage import Slice
from tokwatch.store.connect import Database
from tokwatch.store.newest import newest_first
from tokwatch.store.read.every import View, events, newest_ms
from tokwatch.store.view import event_conditions

MIDDLE = Slice(MARCH_MS + 2 * DAY_MS + 7, MARCH_MS + 11 * DAY_MS - 5)
PARTS = (Slice(), MIDDLE, Slice(MARCH_MS + 3 * DAY_MS), Slice(0, MARCH_MS + 4 * DAY_MS))


@pytest.mark.parametrize("growth", [1, 4])
@pytest.mark.parametrize("part", PARTS)
def test_pieces_lie_side_by_side_and_hold_every_event_once(
    database: Database, part: Slice, growth: int
) -> None:
    view = build(database, random_requests())

    pieces = list(newest_first(view, part, 10, growth))

    assert len(pieces) >= 3
    assert pieces[0].until_ms == part.until_ms
    assert all(one.since_ms == other.until_ms for one, other in pairwise(pieces))
    told = [one.instant_ms for piece in pieces for one in events(view, piece, 1_000)]
    assert told == [one.instant_ms for one in events(view, part, 1_000)]
    sizes = [len(events(view, piece, 1_000)) for piece in pieces]
    assert sizes[0] < sizes[1] if growth > 1 else max(sizes) <= 15


@pytest.mark.parametrize("part", PARTS)
def test_the_newest_are_those_of_a_sorted_list(database: Database, part: Slice) -> None:
    made = random_requests()
    view = build(database, made)
    for sources in ((), ("codex",)):
        inside = sorted(
            (
                one.at_ms
                for one in made
                if part.since_ms <= one.at_ms < part.until_ms
                and one.grade < 2
                and (not sources or one.source in sources)
            ),
            reverse=True,
        )
        for most in (1, 7, 90, 1_000):
            found = events(view, Slice(part.since_ms, part.until_ms, sources), most)
            assert [one.instant_ms for one in found] == inside[:most]


def test_where_the_newest_were_pruned_older_ones_are_found(database: Database) -> None:
    view = build(database, random_requests())
    kept = [one for one in events(view, Slice(), 1_000) if one.instant_ms < MIDDLE.until_ms]
    database.execute("DELETE FROM event WHERE instant_ms >= ?", (MIDDLE.until_ms,))

    assert [one.key for one in events(view, Slice(), 5)] == [one.key for one in kept[:5]]
    assert newest_ms(view) == kept[0].instant_ms


def test_an_empty_range_has_no_piece(database: Database) -> None:
    view = build(database, random_requests())
    assert list(newest_first(view, Slice(MARCH_MS + 90 * DAY_MS, OPEN_END_MS), 10)) == []


def test_a_range_of_events_is_not_searched_in_all_of_them(database: Database) -> None:
    if database.postgres:
        pytest.skip("its plan depends on how much there is")
    view: View = build(database, random_requests())
    found = event_conditions(view, Slice(MARCH_MS + DAY_MS, MARCH_MS + DAY_MS + QUARTER_MS))

    plan = database.rows(
        f"EXPLAIN QUERY PLAN SELECT t.output FROM event t WHERE {found.text}", found.values
    )

    steps = " ".join(row[3] for row in plan)
    assert "USING INDEX ix_event_scope (scope=? AND instant_ms>? AND instant_ms<?)" in steps
    assert "SCAN" not in steps
