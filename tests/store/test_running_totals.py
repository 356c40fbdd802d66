"""A running total that several logs tell counts once: as the greatest that one of them saw."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.store import facts, growing
from tests.store.growing import Counts, Looks, grown, looks, simply, slowly
from tests.store.worlds import NOON_MS, STEP_MS
from tokwatch.model.event import SPENT, Grade
from tokwatch.model.reading import Reading
from tokwatch.store.connect import Database
from tokwatch.store.prune import prune
from tokwatch.store.running_totals import is_joint

CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def write(database: Database, *batches: Sequence[Reading]) -> dict[int, Counts]:
    """Write readings, each batch in one transaction; return the counts of the events by key."""
    writer = facts.open_writer(database)
    for batch in batches:
        writer.add(list(batch))
    return counts(database)


def read(database: Database, *readings: Reading) -> None:
    """Write readings, each in a transaction of its own."""
    writer = facts.open_writer(database)
    for one in readings:
        writer.add([one])


def counts(database: Database) -> dict[int, Counts]:
    """Return the counts of the events by key, having checked the roll-ups."""
    events = facts.events(database)
    assert facts.cells(database) == facts.expected_cells(events.values())
    return {
        key: tuple(getattr(event, name) or 0 for name in SPENT) for key, event in events.items()
    }


def by_instant(database: Database) -> list[tuple[int, int]]:
    """Return the input of each event, with its steps after noon."""
    events = facts.events(database).values()
    return sorted(((event.instant_ms - NOON_MS) // STEP_MS, event.input or 0) for event in events)


LIVE, COPY = simply("/live", 100, 300), simply("/copy", 300)


@pytest.mark.parametrize("order", permutations((LIVE, COPY, LIVE)))
def test_a_coarser_look_at_the_same_total_counts_nothing(
    database: Database, order: Sequence[Looks]
) -> None:
    write(database, *([one.whole] for one in order))

    assert by_instant(database) == [(0, 100), (1, 200)]


def test_a_look_that_saw_more_counts_what_the_others_leave(database: Database) -> None:
    later = simply("/copy", 500)

    write(database, [LIVE.whole], [replace(later.whole)])

    assert sorted(found for _, found in by_instant(database)) == [100, 200, 200]
    grades = {event.grade for event in facts.events(database).values()}
    assert grades == {Grade.DERIVED}


def test_looks_that_cross_each_other_add_up_to_the_greatest(database: Database) -> None:
    write(database, [simply("/a", 100, 300).whole, simply("/b", 200, 400).whole])

    assert sum(found for _, found in by_instant(database)) == 400


def test_a_log_that_is_told_anew_in_other_steps_counts_once(database: Database) -> None:
    """As an import of the export of a store that was made anew."""
    again = simply("/live", 300)

    write(database, [LIVE.whole], [again.whole], [LIVE.whole])

    assert by_instant(database) == [(0, 100), (1, 200)]


def test_other_totals_are_of_no_account(database: Database) -> None:
    other = looks("/other", grown(0, (300, 0, 0, 0), name="s2"), name="s2")

    write(database, [LIVE.whole, other.whole, COPY.whole])

    assert sum(found for _, found in by_instant(database)) == 600


def test_a_total_that_began_anew_unseen_never_counts_more_than_was_seen(
    database: Database,
) -> None:
    """One log saw 300 and then 500 of a new run; the other came when the new run was there."""
    seen, late = simply("/live", 300, 800), simply("/copy", 500)

    write(database, [late.whole], [seen.whole])

    assert sum(found for _, found in by_instant(database)) == 800


def test_what_was_counted_as_another_total_covers_its_place(database: Database) -> None:
    handed = looks("/live", grown(0, (70, 0, 0, 0)), grown(1, (10, 0, 0, 0)), passed=1)
    fresh = simply("/copy", 80)

    for order in permutations((handed, fresh)):
        facts.clear(database)
        write(database, *([one.whole] for one in order))
        assert [found for _, found in by_instant(database)] == [10]


def test_a_cost_that_one_log_missed_counts_without_tokens(database: Database) -> None:
    blind = looks("/live", grown(0, (100, 0, 0, 5)))
    seeing = looks("/copy", grown(1, (100, 0, 0, 5), cost=40))

    write(database, [blind.whole], [seeing.whole])

    found = facts.events(database).values()
    assert sorted((event.input, event.output, event.logged_nano) for event in found) == [
        *((0, 0, 40), (100, 5, None)),
    ]


def test_a_newer_parser_takes_back_what_an_older_one_told(database: Database) -> None:
    write(database, [LIVE.whole], [COPY.whole])
    one_look = simply("/live", 50)

    write(database, [one_look.reading(0, 1, version=2)])
    assert sum(found for _, found in by_instant(database)) == 300
    write(database, [replace(simply("/copy", 20).reading(0, 1, version=2))])

    assert sum(found for _, found in by_instant(database)) == 50


def test_workspaces_do_not_share_totals(database: Database) -> None:
    for workspace in ("local", "theirs"):
        facts.open_writer(database, workspace=workspace).add([LIVE.whole, COPY.whole])

    for workspace in ("local", "theirs"):
        events = facts.events(database, workspace).values()
        assert sorted(event.input or 0 for event in events) == [100, 200]


def test_what_was_pruned_does_not_come_back_in_other_steps(database: Database) -> None:
    write(database, [LIVE.whole], [COPY.whole])
    prune(database, 1, NOON_MS * 2)

    # The roll-ups go on holding what was pruned: 300.
    read(database, LIVE.whole, COPY.whole, simply("/third", 300).whole)
    assert facts.events(database) == {}
    anew = simply("/live", 300).reading(0, 1, version=2)
    read(database, anew, simply("/last", 350).whole)

    assert [event.input for event in facts.events(database).values()] == [50]
    sums = facts.cells(database)["total"].values()
    assert sum(found[2] for found in sums) == 350


def check(database: Database, world: Sequence[Looks], batches: Sequence[list[Reading]]) -> None:
    """Read logs as told, and look; read all of them anew, and look again."""
    facts.clear(database)
    found = write(database, *batches)
    expected = slowly(world)
    assert found == expected
    if not any(one.grade == Grade.GHOST for log in world for one in log.sightings):
        sums = [sum(column) for column in zip(*found.values(), strict=True)] or [0] * len(SPENT)
        ends = [stretch.ends for log in world for stretch in log.stretches]
        greatest = [max((end[at] for end in ends), default=0) for at in range(len(SPENT))]
        assert sums[1:6] == greatest[1:6]
        assert sums[7] == greatest[7]
    before = {table: facts.rows(database, table) for table in ("event", "copy", "stretch", "total")}
    write(database, [log.whole for log in world])
    assert {table: facts.rows(database, table) for table in before} == before


@settings(max_examples=40, suppress_health_check=CHECKS)
@given(data=st.data())
@pytest.mark.parametrize("store_urls", ["sqlite"], indirect=True)
def test_any_order_ends_in_the_greatest_total(database: Database, data: st.DataObject) -> None:
    world = data.draw(growing.worlds())
    check(database, world, data.draw(growing.reads(world)))


@settings(max_examples=10, suppress_health_check=CHECKS)
@given(data=st.data())
@pytest.mark.parametrize("store_urls", ["postgresql"], indirect=True)
def test_any_order_ends_in_the_greatest_total_on_postgresql(
    database: Database, data: st.DataObject
) -> None:
    world = data.draw(growing.worlds())
    check(database, world, data.draw(growing.reads(world)))


def test_a_total_that_one_log_tells_in_turn_is_left_alone(database: Database) -> None:
    """Which is the usual case: nothing is copied."""
    write(database, [LIVE.reading(0, 1)], [LIVE.reading(1, 2)])

    assert facts.rows(database, "copy") == []
    assert not is_joint([1, 1], [(one.begins, one.ends) for one in LIVE.stretches])
