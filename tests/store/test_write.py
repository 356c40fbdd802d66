"""Writing is idempotent and independent of order: the events are a function of the logs' ends."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.store import facts
from tests.store.brute import expected_events
from tests.store.worlds import (
    NOON_MS,
    Script,
    Step,
    histories,
    reads,
    request,
    script,
    whole,
    worlds,
)
from tokwatch.model.reading import AgentNote, Cursor, LedgerLine, Reading, Tally
from tokwatch.store import dimensions
from tokwatch.store.connect import Database

CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
FAULTY_NOTE = AgentNote("s1", "", "\ud800")
History = tuple[Sequence[Script], list[list[Step]]]


def check_end(database: Database, history: History) -> None:
    """Read logs as told, then check what the store holds; read all of them anew, check again."""
    world, batches = history
    facts.clear(database)
    facts.write(database, batches)
    events = facts.events(database)
    assert events == expected_events(world)
    assert facts.cells(database) == facts.expected_cells(events.values())
    tables = ("event", "copy", "quarter", "day", "total", "scope", "place", "model", "log")
    before = {table: facts.rows(database, table) for table in tables}

    facts.write(database, [[whole(script) for script in world]])

    assert {table: facts.rows(database, table) for table in tables} == before


@settings(max_examples=40, suppress_health_check=CHECKS)
@given(history=histories())
@pytest.mark.parametrize("store_urls", ["sqlite"], indirect=True)
def test_any_order_of_reading_ends_in_the_same_events(database: Database, history: History) -> None:
    check_end(database, history)


@settings(max_examples=25, suppress_health_check=CHECKS)
@given(history=histories())
@pytest.mark.parametrize("store_urls", ["postgresql"], indirect=True)
def test_any_order_of_reading_ends_in_the_same_events_on_postgresql(
    database: Database, history: History
) -> None:
    check_end(database, history)


@st.composite
def changed_minds(draw: st.DrawFn) -> tuple[History, History]:
    """Return logs and reads of them, then what a newer parser finds in some of them."""
    world, batches = draw(histories())
    later = {one.path: one for one in draw(worlds())}
    anew = [replace(later[one.path], version=2) for one in world if one.path in later]
    end = [one for one in world if one.path not in later] + anew
    return (world, batches), (end, draw(reads(anew)))


@settings(max_examples=25, suppress_health_check=CHECKS)
@given(minds=changed_minds())
@pytest.mark.parametrize("store_urls", ["sqlite"], indirect=True)
def test_a_newer_parser_takes_back_what_an_older_one_told(
    database: Database, minds: tuple[History, History]
) -> None:
    (_, batches), (end, again) = minds
    facts.clear(database)
    facts.write(database, batches)

    facts.write(database, again)

    events = facts.events(database)
    assert events == expected_events(end)
    assert facts.cells(database) == facts.expected_cells(events.values())


def test_a_failing_batch_leaves_nothing_and_the_next_one_works(database: Database) -> None:
    writer = facts.open_writer(database)
    good = whole(script("/logs/a.jsonl", request(1))).reading
    bad = replace(whole(script("/logs/b.jsonl", request(2))).reading, notes=(FAULTY_NOTE,))

    with pytest.raises(Exception, match=r"."):
        writer.add([good, bad])

    assert facts.events(database) == {}
    assert facts.rows(database, "scope") == facts.rows(database, "log") == []
    assert list(writer.cursors()) == []
    writer.add([good])
    assert list(facts.events(database)) == [1]
    assert facts.cells(database) == facts.expected_cells(facts.events(database).values())


def test_scopes_beyond_those_kept_in_memory_are_found_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dimensions, "MOST_SCOPES", 3)
    log = script("/logs/a.jsonl", *(request(number, f"s{number}") for number in range(10)))
    writer = facts.open_writer(database)
    for _ in range(2):
        writer.add([whole(log).reading])
        assert len(writer._dimensions.scopes) <= 3
    stored = facts.events(database).values()
    assert sorted(one.scope.session for one in stored) == [f"s{n}" for n in range(10)]


def test_workspaces_that_read_the_same_logs_have_events_of_their_own(database: Database) -> None:
    reading = whole(script("/logs/a.jsonl", request(1), request(2))).reading
    mine, theirs = facts.open_writer(database), facts.open_writer(database, workspace="theirs")

    for writer in (mine, theirs, mine):
        writer.add([reading])

    for workspace in ("local", "theirs"):
        events = facts.events(database, workspace).values()
        assert len(events) == 2
        assert {event.copies for event in events} == {1}
        assert facts.cells(database, workspace) == facts.expected_cells(events)


def test_machines_keep_cursors_of_their_own(database: Database) -> None:
    first = whole(script("/logs/a.jsonl", request(1))).reading
    second = whole(script("/logs/a.jsonl", request(2), request(3))).reading
    facts.open_writer(database, machine="one").add([first])
    facts.open_writer(database, machine="two").add([second])

    assert list(facts.open_writer(database, machine="one").cursors()) == [first.cursor]
    assert list(facts.open_writer(database, machine="two").cursors()) == [second.cursor]
    assert sorted(facts.events(database)) == [1, 2, 3]


CURSORS = (
    Cursor(
        "/logs/a", "codex", 2**64 - 1, 2**64 - 1, 2**40, 2**62, 2**40, b"\0h", b"t\xff", b"s", 3
    ),
    Cursor("/logs/\udcff\udc80é\U0001f600", "codex"),
)


@pytest.mark.parametrize("cursor", CURSORS, ids=["extremes", "a name that is no UTF-8"])
def test_a_cursor_is_kept_as_it_was(database: Database, cursor: Cursor) -> None:
    facts.open_writer(database).add([Reading(cursor)])

    assert list(facts.open_writer(database).cursors()) == [cursor]


def test_a_moved_log_keeps_its_cursor(database: Database) -> None:
    reading = whole(script("/logs/a.jsonl", request(1))).reading
    writer = facts.open_writer(database)
    writer.add([reading])

    writer.rename("/logs/a.jsonl", "/logs/\udcff.jsonl")

    moved = replace(reading.cursor, path="/logs/\udcff.jsonl")
    assert list(writer.cursors()) == [moved] == [writer.cursor(moved.path)]
    assert writer.cursor(reading.cursor.path) is None
    assert list(facts.open_writer(database).cursors()) == [moved]


def test_tallies_add_up_over_reads_and_begin_anew_with_the_log(database: Database) -> None:
    writer = facts.open_writer(database)
    reading = Reading(Cursor("/logs/a", "codex"), tally=Tally(5, 1, 2, 1, 1, 1, 1, 3, "a, b"))
    columns = "lines, glued_lines, bad_lines, oversized_lines, undated, synthetic, unknown"
    columns += ", repeated, sample"
    later = replace(reading, from_start=False, tally=replace(reading.tally, sample=""))

    writer.add([reading])
    facts.open_writer(database).add([later])
    assert database.rows(f"SELECT {columns} FROM log") == [(10, 2, 4, 2, 2, 2, 2, 6, "a, b")]
    writer.add([replace(later, tally=Tally(lines=1, sample="c"))])
    assert database.rows(f"SELECT {columns} FROM log") == [(11, 2, 4, 2, 2, 2, 2, 6, "c")]

    writer.add([reading])
    assert database.rows(f"SELECT {columns} FROM log") == [(5, 1, 2, 1, 1, 1, 1, 3, "a, b")]


def test_a_log_tells_its_ledger_and_its_agents_anew(database: Database) -> None:
    writer = facts.open_writer(database)
    cursor = Cursor("/logs/a", "claude-code")
    line = LedgerLine("s1", "opus", NOON_MS, 1, 2, 3, 4, 5, 6, 7, 2**60)
    note = AgentNote("s1", "a1", "Explore", "s0")

    writer.add([Reading(cursor, ledger=(line,), notes=(note._replace(kind="Plan"),))])
    writer.add([Reading(cursor, ledger=(line._replace(output=50),), notes=(note,))])

    columns = ", ".join(LedgerLine._fields)
    assert database.rows(f"SELECT {columns} FROM ledger") == [tuple(line._replace(output=50))]
    told = database.rows("SELECT session, agent, kind, parent, source FROM agent")
    assert told == [(*note, "claude-code")]


def test_a_write_tells_what_it_changed(database: Database) -> None:
    writer = facts.open_writer(database)
    later = request(2)._replace(output=70)

    first = writer.add([whole(script("/logs/a.jsonl", request(1), request(2))).reading])
    again = writer.add([whole(script("/logs/a.jsonl", request(1), request(2))).reading])
    grown = writer.add([Step(script("/logs/a.jsonl", request(1), request(2), later), 2, 3).reading])

    assert (first.added, first.changed, first.since_ms) == (2, 0, NOON_MS)
    assert (again.added, again.changed, again.since_ms) == (0, 0, None)
    assert (grown.added, grown.changed, grown.since_ms) == (0, 1, NOON_MS)
