"""An empty store that is filled in few transactions ends as one that is filled bit by bit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.store import facts, growing
from tests.store.brute import expected_events
from tests.store.worlds import Script, Step, histories, request, script, whole
from tokwatch.model.reading import AgentNote, Reading
from tokwatch.store import connect, first_fill, rows
from tokwatch.store.connect import Database

CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
TABLES = ("event", "copy", "stretch", "quarter", "day", "total", "scope", "log")
ONLY_POSTGRES = pytest.mark.parametrize("store_urls", ["postgresql"], indirect=True)
ONLY_SQLITE = pytest.mark.parametrize("store_urls", ["sqlite"], indirect=True)


def fill(database: Database, batches: Iterable[Sequence[Reading]]) -> None:
    """Read into an empty store as a first refresh does."""
    facts.clear(database)
    writer = facts.open_writer(database)
    with writer.filling():
        for batch in batches:
            writer.add(batch)


def check_sums(database: Database) -> None:
    """Check that the roll-ups are the sums of the events."""
    events = facts.events(database).values()
    assert facts.cells(database) == facts.expected_cells(events)


@settings(max_examples=30, suppress_health_check=CHECKS)
@given(
    history=histories(),
    limits=st.tuples(*[st.integers(1, 20)] * 3),
    at_once=st.integers(1, 3),
    packed=st.sampled_from([rows.packed, rows.plain_packed]),
)
@ONLY_SQLITE
def test_any_order_of_reading_ends_in_the_same_events(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    history: tuple[Sequence[Script], list[list[Step]]],
    limits: tuple[int, int, int],
    at_once: int,
    packed: Callable[[Sequence[rows.Priced], int], rows.Packed],
) -> None:
    """However often it commits, and whether it goes on to the end or gives up half-way."""
    world, batches = history
    facts.clear(database)
    facts.write(database, batches)
    before = {table: facts.rows(database, table) for table in TABLES}
    with monkeypatch.context() as patch:
        for name, limit in zip(
            ("FIRST_EVENTS", "COMMITTED_EVENTS", "MOST_KEYS"), limits, strict=True
        ):
            patch.setattr(first_fill, name, limit)
        patch.setattr(first_fill, "packed", packed)
        patch.setattr(first_fill, "ROWS_AT_ONCE", at_once)
        patch.setattr(connect, "ROWS_AT_ONCE", at_once)
        fill(database, [[step.reading for step in batch] for batch in batches])

    assert facts.events(database) == expected_events(world)
    assert {table: facts.rows(database, table) for table in TABLES} == before
    check_sums(database)


@settings(max_examples=20, suppress_health_check=CHECKS)
@given(data=st.data())
@ONLY_SQLITE
def test_running_totals_are_settled_as_ever(database: Database, data: st.DataObject) -> None:
    world = data.draw(growing.worlds())
    batches = data.draw(growing.reads(world))
    facts.clear(database)
    writer = facts.open_writer(database)
    for batch in batches:
        writer.add(batch)
    before = {table: facts.rows(database, table) for table in TABLES}

    fill(database, batches)

    assert {table: facts.rows(database, table) for table in TABLES} == before


def test_a_part_of_a_total_that_is_told_again_alone_counts_nothing_still(
    database: Database,
) -> None:
    fine, coarse = growing.simply("/logs/a", 100, 300), growing.simply("/logs/b", 300)
    alone = growing.Looks("/logs/c", coarse.sightings, ())

    fill(database, [[one.whole] for one in (fine, coarse, alone)])

    assert sorted(event.input or 0 for event in facts.events(database).values()) == [100, 200]
    check_sums(database)


@pytest.mark.parametrize("packed", [rows.packed, rows.plain_packed])
def test_many_requests_are_inserted_at_once(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    packed: Callable[[Sequence[rows.Priced], int], rows.Packed],
) -> None:
    monkeypatch.setattr(first_fill, "packed", packed)
    number = 2 * connect.ROWS_AT_ONCE + 3
    world = [script("/logs/a.jsonl", *(request(each) for each in range(number)))]

    fill(database, [[whole(world[0]).reading]])

    assert len(facts.events(database)) == number
    assert facts.events(database) == expected_events(world)
    check_sums(database)


def test_it_is_all_or_nothing_and_only_for_an_empty_store(database: Database) -> None:
    good = whole(script("/logs/a.jsonl", request(1), request(2))).reading
    more = whole(script("/logs/b.jsonl", request(2, "s2"), request(3, "s2"))).reading
    bad = replace(more, notes=(AgentNote("s1", "", "\ud800"),))
    writer = facts.open_writer(database)

    def add(*readings: Reading) -> None:
        with writer.filling():
            for reading in readings:
                writer.add([reading])

    with pytest.raises(Exception, match=r"."):
        add(good, bad)
    assert facts.events(database) == {}
    assert list(writer.cursors()) == []

    add(good, more)
    check_sums(database)
    with pytest.raises(Exception, match=r"."):
        add(replace(more, from_start=False), bad)
    assert len(list(writer.cursors())) == len(facts.events(database)) - 1 == 2, (
        "what came first is there"
    )
    check_sums(database)


@pytest.mark.parametrize("turn", [1, 2])
@ONLY_POSTGRES
def test_what_another_machine_tells_between_two_commits_is_counted_once(
    database: Database, monkeypatch: pytest.MonkeyPatch, turn: int
) -> None:
    """Before the first transaction or the second one it has its turn at the server."""
    other = facts.open_writer(database)
    told = whole(script("/logs/b.jsonl", request(2, "s2"), request(3, "s2"))).reading
    begin, turns = first_fill.FirstFill._begin, count(1)

    def begin_after_the_other(self: first_fill.FirstFill) -> None:
        if next(turns) == turn:
            other.add([told])
        begin(self)

    monkeypatch.setattr(first_fill.FirstFill, "_begin", begin_after_the_other)
    monkeypatch.setattr(first_fill, "FIRST_EVENTS", 1)
    writer = facts.open_writer(database)
    with writer.filling():
        writer.add([whole(script("/logs/a.jsonl", request(1), request(2))).reading])
        writer.add([whole(script("/logs/c.jsonl", request(3, "s2"), request(4, "s2"))).reading])
    assert len(facts.events(database)) == 4
    check_sums(database)
