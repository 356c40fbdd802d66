"""What performance is made of: requests with what logs tell, turns once, as of the range's end."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from tests.store.build import Made, build
from tests.store.made_detail import block, write
from tokwatch.model.detail import Compaction, Detail, Incident, Part, Turn
from tokwatch.model.event import Grade
from tokwatch.model.measure import Measure
from tokwatch.model.performance import Custom, Lifetime
from tokwatch.model.usage import CostMode, Slice
from tokwatch.store.connect import Database
from tokwatch.store.measures import add_measures
from tokwatch.store.read import answered as module
from tokwatch.store.read.every import performance
from tokwatch.store.view import View

NOON_MS = 1_774_267_200_000
A = Made(NOON_MS, session="a", path="/logs/a.jsonl")
MADE = (
    A,
    replace(A, at_ms=NOON_MS + 10_000, model="claude-haiku-4-5", computed_nano=None, output=None),
    replace(A, at_ms=NOON_MS + 20_000, session="b", path="/logs/b.jsonl", agent="x1", final=0),
    replace(A, at_ms=NOON_MS + 30_000, source="codex", session="c", path="/logs/c.jsonl",
            grade=Grade.DERIVED, requests=2, logged_nano=7),
)  # fmt: skip
LOGS: Sequence[dict[str, object]] = (
    {"path": "/logs/a.jsonl", "session": "a"},
    {"path": "/logs/b.jsonl", "session": "b"},
    {"path": "/logs/c.jsonl", "session": "c", "source": "codex"},
)
AGENTS = (("claude-code", "b", "x1", "Explore", ""),)


def made(database: Database) -> View:
    """Return a store of four requests of three sessions; events are numbered from 1."""
    return build(database, MADE, logs=LOGS, agents=AGENTS)


def fact(database: Database, key: int, name: str, value: int, log: int = 1) -> None:
    """Let a log tell something of a request."""
    database.execute(
        "INSERT INTO request_fact (workspace, key, log, name, value) VALUES (1, ?, ?, ?, ?)",
        (key, log, name, value),
    )


def test_requests_come_with_whose_they_are_and_what_they_cost(database: Database) -> None:
    told = performance(made(database))

    found = [(one.session, one.kind, one.model, one.requests, one.nano) for one in told.answered]
    assert found == [
        ("a", "main", "claude-opus-4-5", 1, 10_000_000),
        ("a", "main", "claude-haiku-4-5", 1, None),
        ("b", "Explore", "claude-opus-4-5", 1, 10_000_000),
        ("c", "main", "claude-opus-4-5", 2, 7),
    ]
    assert [one.prompt for one in told.answered] == [1_000] * 4
    assert [one.output for one in told.answered] == [50, None, 50, 50]
    assert [one.is_final for one in told.answered] == [True, True, False, True]
    assert [one.is_derived for one in told.answered] == [False, False, False, True]


def test_what_counts_as_cost_depends_on_the_mode(database: Database) -> None:
    view = made(database)

    logged = [one.nano for one in performance(view, mode=CostMode.DISPLAY).answered]
    computed = [one.nano for one in performance(view, mode=CostMode.CALCULATE).answered]

    assert logged == [None, None, None, 7]
    assert computed == [10_000_000, None, 10_000_000, 10_000_000]


def test_facts_stand_beside_their_request_the_largest_of_several(database: Database) -> None:
    view = made(database)
    fact(database, 1, "duration_ms", 900)
    fact(database, 1, "duration_ms", 950, log=2)
    fact(database, 1, "first_token_ms", 300)
    fact(database, 2, "retries", 2)
    fact(database, 3, "http_status", 529)
    fact(database, 4, "response_cache_hit", 1)
    fact(database, 4, "tokens_saved", 5)

    found = performance(view).answered

    assert [one.duration_ms for one in found] == [950, None, None, None]
    assert [one.first_token_ms for one in found] == [300, None, None, None]
    assert [one.retries for one in found] == [None, 2, None, None]
    assert [one.status for one in found] == [None, None, 529, None]
    assert [one.is_from_cache for one in found] == [False, False, False, True]


def test_a_request_began_when_that_was_there_which_stands_before_its_answer(
    database: Database,
) -> None:
    view = made(database)
    asked = NOON_MS - 4_000
    write(
        database,
        "/logs/a.jsonl",
        Detail(
            blocks=(
                block(0, asked - 9_000, part=Part.USER, tool=""),
                block(1, asked, part=Part.ATTACHMENT, tool=""),
                block(2, asked, part=Part.USER, tool="", agent="x1"),
                block(3, NOON_MS - 1_000, part=Part.THINKING, tool="", request=1),
                block(4, NOON_MS, part=Part.TOOL_CALL, request=1),
                block(5, NOON_MS + 7_000),
                block(6, NOON_MS + 8_000, part=Part.ASSISTANT, tool="", request=2),
            )
        ),
    )
    # Another log that holds a copy of the request tells another story of it.
    write(database, "/logs/b.jsonl", Detail(blocks=(block(0, NOON_MS - 1), block(1, request=1))))

    whole = performance(view).answered
    late = performance(view, Slice(since_ms=NOON_MS)).answered

    assert [one.begun_ms for one in whole] == [asked, NOON_MS + 7_000, None, None]
    assert [one.begun_ms for one in late] == [asked, NOON_MS + 7_000, None, None]


TURN = Turn(0, "", NOON_MS - 5_000, NOON_MS + 15_000, 2, 1, interrupted=False, finished=True)


def test_turns_are_of_their_agents_and_the_last_one_is_known(database: Database) -> None:
    view = made(database)
    later = TURN._replace(number=1, begin_ms=NOON_MS + 16_000, end_ms=NOON_MS + 17_000)
    agents = TURN._replace(agent="x1", interrupted=True, finished=False)
    write(database, "/logs/a.jsonl", Detail(turns=(TURN, later)))
    write(database, "/logs/b.jsonl", Detail(turns=(agents,)))

    found = {(one.session, one.begin_ms): one for one in performance(view).turns}

    assert {name: one.is_newest for name, one in found.items()} == {
        ("a", TURN.begin_ms): False,
        ("a", later.begin_ms): True,
        ("b", TURN.begin_ms): True,
    }
    explore = found["b", TURN.begin_ms]
    assert (explore.kind, explore.interrupted, explore.finished) == ("Explore", True, False)


def test_an_agent_without_a_request_in_the_range_is_of_its_sort(database: Database) -> None:
    newer = replace(A, at_ms=NOON_MS + 40_000)
    view = build(database, (*MADE, newer), logs=LOGS, agents=AGENTS)
    late = TURN._replace(agent="x1", begin_ms=NOON_MS + 26_000, end_ms=NOON_MS + 60_000)
    write(database, "/logs/b.jsonl", Detail(turns=(late,)))

    told = performance(view, Slice(since_ms=NOON_MS + 25_000))

    assert {one.session for one in told.answered} == {"a", "c"}
    assert [(one.session, one.kind) for one in told.turns] == [("b", "Explore")]


def test_a_turn_that_two_sessions_hold_is_of_the_one_that_made_its_requests(
    database: Database,
) -> None:
    view = made(database)
    copied = TURN._replace(requests=3, end_ms=TURN.end_ms)
    write(database, "/logs/a.jsonl", Detail(turns=(TURN,)))
    # Session b goes on where a ended: its log begins with a copy of a's turns.
    write(database, "/logs/b.jsonl", Detail(turns=(copied,)))

    found = performance(view).turns

    assert [(one.session, one.begin_ms) for one in found] == [("a", TURN.begin_ms)]


def test_a_range_ends_as_it_was_then(database: Database) -> None:
    view = made(database)
    write(database, "/logs/a.jsonl", Detail(turns=(TURN,)))

    told = performance(view, Slice(until_ms=NOON_MS + 5_000))

    (turn,) = told.turns
    assert turn.is_open
    assert turn.end_ms == NOON_MS + 5_000
    assert told.lifetimes == (Lifetime("claude-code", "a", NOON_MS, NOON_MS),)


def test_a_session_lives_from_its_first_answer_also_before_the_range(database: Database) -> None:
    told = performance(made(database), Slice(since_ms=NOON_MS + 1))

    assert told.lifetimes == (
        Lifetime("claude-code", "a", NOON_MS, NOON_MS + 10_000),
        Lifetime("claude-code", "b", NOON_MS + 20_000, NOON_MS + 20_000),
        Lifetime("codex", "c", NOON_MS + 30_000, NOON_MS + 30_000),
    )


def test_errors_and_compactions_count_once_whichever_logs_hold_them(database: Database) -> None:
    view = made(database)
    detail = Detail(
        incidents=(
            Incident(NOON_MS, "", "server", 500, 1, 60),
            Incident(NOON_MS, "", "server", 500, 2, 70),
        ),
        compactions=(Compaction(NOON_MS, "", 900, None, "auto", 50, 3),),
    )
    too_long = Incident(NOON_MS + 5, "", "context length", 413, 0, 9)
    write(database, "/logs/a.jsonl", detail)
    write(database, "/logs/b.jsonl", detail)
    write(database, "/logs/c.jsonl", Detail(incidents=(too_long,)))

    told = performance(view)

    assert [(one.session, one.trouble, one.attempt) for one in told.incidents] == [
        ("a", "server", 1),
        ("a", "server", 2),
        ("c", "context length", 0),
    ]
    read = {("claude-code", "a"), ("claude-code", "b"), ("codex", "c")}
    assert told.overflowed == read - {("claude-code", "b")}
    assert told.detailed == read


def test_of_many_requests_the_newest_are_looked_at_and_the_others_counted(
    database: Database,
) -> None:
    view = made(database)
    early, late = (
        Incident(NOON_MS + at_ms, "", "server", 500, 1, at_ms) for at_ms in (15_000, 25_000)
    )
    write(database, "/logs/a.jsonl", Detail(incidents=(early, late)))

    told = performance(view, most=2)

    assert [one.at_ms for one in told.incidents] == [late.instant_ms]
    assert [one.session for one in told.answered] == ["b", "c"]
    assert told.left_out == 2
    assert performance(made_again(database), most=4).left_out == 0


def made_again(database: Database) -> View:
    """Return the view of the store that is already made."""
    return View(database, 1)


def test_measures_of_ones_own_come_by_name_and_unit(database: Database) -> None:
    view = made(database)
    add_measures(
        database,
        1,
        [
            Measure("coverage", NOON_MS, 80.5, "%"),
            Measure("coverage", NOON_MS + 1, 81.5, "%"),
            Measure("deploys", NOON_MS, 1.0),
        ],
    )

    assert performance(view).custom == (
        Custom("coverage", "%", ((NOON_MS, 80.5), (NOON_MS + 1, 81.5))),
        Custom("deploys", "", ((NOON_MS, 1.0),)),
    )
    assert performance(view, Slice(since_ms=NOON_MS + 1)).custom == (
        Custom("coverage", "%", ((NOON_MS + 1, 81.5),)),
    )


def test_only_the_asked_sources_are_looked_at(database: Database) -> None:
    view = made(database)
    write(database, "/logs/a.jsonl", Detail(turns=(TURN,)))

    told = performance(view, Slice(sources=("codex",)))

    assert [one.session for one in told.answered] == ["c"]
    assert told.turns == ()


def test_requests_are_read_in_pieces(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    view = build(database, [replace(A, at_ms=NOON_MS + number // 4 * 1_000) for number in range(9)])
    whole = performance(view).answered
    newest = performance(view, most=7)
    monkeypatch.setattr(module, "REQUESTS_AT_ONCE", 2)
    assert len(whole) == 9
    assert performance(view).answered == whole
    assert performance(view, most=7) == newest
    assert newest.left_out == 2
