"""The detail of logs is written piece by piece, and read as it was told."""

from __future__ import annotations

import pytest

from tests.store import facts, made_detail
from tests.store.made_detail import block, detail_of
from tests.store.test_prune import BEFORE_MS, ENDED, LIVING
from tests.store.worlds import NOON_MS, request, script, whole
from tokwatch.model.detail import Delegation, Detail, DetailCursor, Flight, Part, Turn
from tokwatch.model.usage import Slice
from tokwatch.store.connect import Database
from tokwatch.store.detail import DetailWriter
from tokwatch.store.forget import TABLES
from tokwatch.store.prune import prune
from tokwatch.store.read.every import (
    View,
    compactions,
    detail_logs,
    events,
    flights,
    incidents,
    open_view,
    session_detail,
    turns,
)

PATH = "/logs/s1.jsonl"
SUB = "/logs/s1/subagents/agent-a1.jsonl"


@pytest.fixture
def view(database: Database) -> View:
    """Return the view of a store that has read a session's two logs."""
    main = script(PATH, request(1), request(2))
    agent = script(SUB, request(3)._replace(scope=request(3).scope._replace(agent="a1")))
    facts.write(database, [[whole(main), whole(agent)]])
    return open_view(database, "local")


def write(view: View, detail: Detail, path: str = PATH, *, from_start: bool = True) -> None:
    """Write a detail of a known log."""
    assert made_detail.write(view.database, path, detail, from_start=from_start)


def test_a_session_is_read_as_it_was_told(view: View) -> None:
    main, sub = detail_of("Bash", NOON_MS), detail_of("Read", NOON_MS, "a1")
    write(view, main)
    write(view, sub, SUB)
    found = session_detail(view, "claude-code", "s1")
    assert found.blocks == (*main.blocks, *sub.blocks)
    assert found.turns == (*main.turns, *sub.turns)
    assert found.compactions == (*main.compactions, *sub.compactions)
    assert found.incidents == (*main.incidents, *sub.incidents)
    assert set(found.flights) == {*main.flights, *sub.flights}
    assert {one.call for one in found.delegations} == {13}
    assert [type(one) for one in (found.blocks[0].part, found.blocks[0].is_error)] == [Part, bool]
    assert found.log_of("a1") == SUB
    assert found.log_of("nobody") == ""


def test_a_blocks_request_is_its_events_key(database: Database) -> None:
    facts.open_writer(database, workspace="other")
    writer = facts.open_writer(database, workspace="second")
    writer.add([whole(script(PATH, request(1))).reading])
    space = database.value("SELECT id FROM workspace WHERE name = 'second'")
    detail = Detail(blocks=(block(0, request=1), block(1)))
    assert made_detail.write(database, PATH, detail, workspace=space)
    view = open_view(database, "second")
    [event] = events(view)
    assert [one.request for one in session_detail(view, "claude-code", "s1").blocks] == [
        event.key,
        0,
    ]


def test_a_log_that_is_not_known_is_refused(view: View) -> None:
    assert not made_detail.write(view.database, "/logs/other.jsonl", detail_of("Bash", 1))
    assert not made_detail.write(view.database, PATH, detail_of("Bash", 1), machine="elsewhere")
    assert facts.rows(view.database, "block") == []


def test_a_later_word_replaces_an_earlier_one(view: View) -> None:
    write(view, detail_of("Bash", NOON_MS))
    grown = Turn(0, "", NOON_MS, NOON_MS + 99, 5, 9, interrupted=False, finished=True)
    write(
        view,
        Detail(
            blocks=(block(0, NOON_MS, tokens=7, request=9), block(1, NOON_MS)),
            turns=(grown,),
            delegations=(Delegation(NOON_MS, "", "a1", "Explore", 50, 70, 13),),
        ),
        from_start=False,
    )
    found = session_detail(view, "claude-code", "s1")
    assert [(one.number, one.tokens, one.request) for one in found.blocks] == [
        (0, 7, 9),
        (1, 1000, 0),
    ]
    assert found.turns == (grown,)
    assert [(one.child, one.tokens) for one in found.delegations] == [("a1", 50)]
    assert len(found.compactions) == len(found.incidents) == 1
    assert found.flights == (), "those of the newest read count"


def test_the_same_piece_again_changes_nothing(view: View) -> None:
    write(view, detail_of("Bash", NOON_MS))
    before = {table: facts.rows(view.database, table) for table in TABLES}
    write(view, detail_of("Bash", NOON_MS), from_start=False)
    assert {table: facts.rows(view.database, table) for table in TABLES} == before


def test_a_log_told_from_its_start_forgets_what_was_told_before(view: View) -> None:
    write(view, detail_of("Bash", NOON_MS))
    write(view, detail_of("Read", NOON_MS, "a1"), SUB)
    write(view, Detail(blocks=(block(5, NOON_MS),)))
    found = session_detail(view, "claude-code", "s1")
    assert [(one.number, one.agent) for one in found.blocks] == [(5, ""), (0, "a1")]
    assert [turn.agent for turn in found.turns] == ["a1"]


def test_a_cursor_is_what_was_written_with_the_piece(view: View) -> None:
    writer = DetailWriter(view.database, 1, "")
    cursor = DetailCursor(10, 20, 2**70, 30, b"h", b"t", b"state", 4)
    writer.write(PATH, Detail(), cursor, from_start=True)
    assert writer.statuses() == {PATH: cursor.status}
    assert writer.cursor(PATH) == cursor
    assert writer.cursor(SUB) is None
    assert writer.logs_of("claude-code", "s1") == [PATH, SUB]
    assert writer.logs_of("codex", "s1") == []


def test_nothing_is_written_when_a_part_of_it_fails(view: View) -> None:
    broken = Detail(blocks=(block(0),), turns=(Turn(None, "", 1, 1, 1, 1, interrupted=False),))  # type: ignore[arg-type]
    with pytest.raises(Exception, match=r"(?i)null"):
        write(view, broken)
    assert facts.rows(view.database, "block") == []
    assert DetailWriter(view.database, 1, "").statuses() == {}


def test_parent_and_child_tell_of_one_delegation(view: View) -> None:
    running = Delegation(5, "", "", "", 0, 70, 13)
    child = Delegation(9, "a1", "a1", "Explore", 0, 0, 13)
    stray = Delegation(9, "a1", "a1", "Plan", 0, 0, 14)
    write(view, Detail(delegations=(running,)))
    write(view, Detail(delegations=(child, stray)), SUB)
    assert session_detail(view, "claude-code", "s1").delegations == (
        Delegation(5, "", "a1", "Explore", 0, 70, 13),
        Delegation(9, "", "a1", "Plan", 0, 0, 14),
    )


def test_of_two_copies_of_a_log_the_longer_tells(database: Database) -> None:
    live, archived = "/codex/sessions/2026/r.jsonl", "/codex/archived_sessions/r.jsonl"
    longer = whole(script(live, request(1), request(2)))
    facts.write(database, [[longer, whole(script(archived, request(1)))]])
    view = open_view(database, "local")
    write(view, Detail(blocks=(block(0), block(1))), live)
    write(view, Detail(blocks=(block(0),)), archived)
    assert len(session_detail(view, "claude-code", "s1").blocks) == 2


def test_a_log_of_several_sessions_is_read_by_each(view: View) -> None:
    mine = tuple(block(n, session="x", tool="mine") for n in range(2))
    write(view, Detail(blocks=(*mine, block(0, session="y"), block(9))))
    found = session_detail(view, "claude-code", "x")
    assert [one.tool for one in found.blocks] == ["mine", "mine"]
    assert len(session_detail(view, "claude-code", "s1").blocks) == 1
    assert [log.path for log in found.logs] == [PATH]
    assert session_detail(view, "claude-code", "z").logs == ()


def test_how_far_logs_are_read_is_told(view: View) -> None:
    assert {log.read_bytes for log in detail_logs(view, "claude-code", "s1")} == {0}
    assert made_detail.write(view.database, PATH, Detail(blocks=(block(0),)), offset=7)
    main, sub = detail_logs(view, "claude-code", "s1")
    assert (main.path, main.read_bytes, main.agents) == (PATH, 7, ("",))
    assert (sub.path, sub.read_bytes, sub.agents) == (SUB, 0, ())
    assert main.size > 0


def test_ranges_are_half_open_and_of_sources_and_projects(view: View) -> None:
    write(view, detail_of("Bash", NOON_MS))
    write(view, detail_of("Read", NOON_MS + 1000, "a1"), SUB)
    for function in (turns, compactions, incidents, flights):
        assert len(function(view)) == 2
        assert len(function(view, Slice(NOON_MS, NOON_MS + 1000))) == 1
        assert len(function(view, Slice(sources=("codex",)))) == 0
        assert len(function(view, Slice(projects=("/shop",)))) == 2
        assert len(function(view, Slice(projects=("/other",)))) == 0
    assert [one.of for one in turns(view)] == [
        ("claude-code", "s1", PATH),
        ("claude-code", "s1", SUB),
    ]
    assert flights(view)[0].flight == Flight(5, NOON_MS, "", "Bash")


def test_what_is_pruned_loses_its_detail(database: Database) -> None:
    facts.write(database, [[whole(one)] for one in (ENDED, LIVING)])
    view = open_view(database, "local")
    for log in (ENDED, LIVING):
        write(view, detail_of("Bash", NOON_MS), log.path)
    several = Detail(blocks=(block(1, session="ended"), block(2, session="living")))
    write(view, several, LIVING.path, from_start=False)
    prune(database, 1, BEFORE_MS)
    assert session_detail(view, "claude-code", "ended").blocks == ()
    assert [one.number for one in session_detail(view, "claude-code", "living").blocks] == [0, 2]
    assert set(DetailWriter(database, 1, "").statuses()) == {LIVING.path}


def test_a_moved_log_keeps_its_detail(view: View) -> None:
    write(view, detail_of("Bash", NOON_MS))
    facts.open_writer(view.database).rename(PATH, "/logs/archived.jsonl")
    assert DetailWriter(view.database, 1, "").cursor("/logs/archived.jsonl") == made_detail.CURSOR
    assert session_detail(view, "claude-code", "s1").log_of("") == "/logs/archived.jsonl"
