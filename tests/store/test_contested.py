"""Requests that several logs hold: who they count for in the store, as logs turn up."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.store import facts
from tests.store.worlds import NOON_MS, Script, placed, request, script, whole
from tokwatch.model.event import Grade, Sighting, event_key
from tokwatch.store.connect import Database


def owners(database: Database) -> dict[int, str]:
    """Return the session that each event counts for, having checked the roll-ups."""
    events = facts.events(database)
    assert facts.cells(database) == facts.expected_cells(events.values())
    return {key: event.scope.session for key, event in events.items()}


def read(database: Database, *scripts: Script) -> dict[int, str]:
    """Read logs, each in a transaction of its own, and return who owns what."""
    facts.write(database, [[whole(one)] for one in scripts])
    return owners(database)


def test_a_resumed_session_that_is_read_first_gives_back_what_it_copied(
    database: Database,
) -> None:
    original = script("/logs/z.jsonl", request(1), request(2))
    resumed = script("/logs/a.jsonl", *copies("s2", 1, 2, later_ms=5_000), request(3, "s2"))

    assert read(database, resumed) == {1: "s2", 2: "s2", 3: "s2"}
    assert read(database, original) == {1: "s1", 2: "s1", 3: "s2"}


def copies(session: str, *numbers: int, later_ms: int = 0) -> list[Sighting]:
    """Return copies of requests in another session's log, at their own instants or later."""
    return [
        one._replace(instant_ms=one.instant_ms + later_ms, first_ms=one.first_ms + later_ms)
        for one in (request(number, session) for number in numbers)
    ]


def test_at_equal_instants_the_log_with_earlier_requests_of_its_own_counts(
    database: Database,
) -> None:
    original = script("/logs/z.jsonl", request(1), request(2), request(3))
    resumed = script("/logs/a.jsonl", *copies("s2", 1, 2), request(4, "s2"))

    assert read(database, resumed, original)[1] == "s1"


def test_when_a_logs_first_own_request_becomes_shared_its_other_requests_are_settled_again(
    database: Database,
) -> None:
    first = script("/logs/a.jsonl", request(1), request(2), request(5))
    second = script("/logs/b.jsonl", *copies("s2", 1), request(3, "s2"))
    assert read(database, first, second) == {1: "s1", 2: "s1", 3: "s2", 5: "s1"}

    # Once request 2 is known to be shared, the second log's own requests begin before the first's.
    third = script("/logs/c.jsonl", *copies("s3", 2, later_ms=9_000), request(9, "s3"))

    assert read(database, third) == {1: "s2", 2: "s1", 3: "s2", 5: "s1", 9: "s3"}


def test_a_mirror_gives_way_to_the_record_whenever_it_turns_up(database: Database) -> None:
    mirror = request(1)._replace(grade=Grade.ECHO, output=1)
    main, agent = script("/logs/main.jsonl", mirror), script("/logs/agent.jsonl", request(1, "s2"))

    read(database, main)
    assert facts.events(database)[1].output == 1
    read(database, agent)
    assert facts.events(database)[1].output == 50


def test_a_gateway_does_not_change_which_of_several_sessions_counts(database: Database) -> None:
    original = script("/logs/z.jsonl", request(1), request(2), request(3))
    resumed = script("/logs/a.jsonl", *copies("s2", 1, 2), request(4, "s2"))
    seen = [request(number)._replace(grade=Grade.WITNESS) for number in (1, 2, 3, 4)]
    gateway = script("/logs/gateway.jsonl", *seen)
    expected = {1: "s1", 2: "s1", 3: "s1", 4: "s2"}

    for order in permutations((original, resumed, gateway)):
        facts.clear(database)
        assert read(database, *order) == expected
        assert read(database, replace(gateway, version=2)) == expected


def test_a_log_that_others_copied_wholly_owns_nothing_more(database: Database) -> None:
    first = script("/logs/a.jsonl", request(1), request(2))
    second = script("/logs/b.jsonl", *copies("s2", 1), request(3, "s2"))
    seen = request(2)._replace(grade=Grade.WITNESS)
    assert read(database, script("/logs/gateway.jsonl", seen), first, second)[1] == "s1"

    assert read(database, script("/logs/c.jsonl", *copies("s3", 2, later_ms=9_000)))[1] == "s2"


def test_a_total_that_other_records_tell_is_withdrawn(database: Database) -> None:
    links = chain("a", 3)
    ghosts = placed(link._replace(grade=Grade.GHOST) for link in links)
    told = Script("/logs/a.jsonl", "codex", "a", placed(links), begin_ms=NOON_MS)
    retold = Script("/logs/a.jsonl", "codex", "a", (*ghosts, request(9, "a")), begin_ms=NOON_MS)

    assert set(read(database, told).values()) == {"a"}
    assert read(database, retold) == {9: "a"}
    assert read(database, retold) == {9: "a"}


def chain(session: str, links: int, seed: str = "0", start: int = 0) -> list[Sighting]:
    """Return the links of a running total that nobody else has."""
    key = event_key("chain", seed)
    found = []
    for number in range(start, start + links):
        key = event_key("chain", str(key), session, str(number))
        found.append(request(number, session)._replace(key=key))
    return found


Family = tuple[list[Script], dict[int, str]]


@st.composite
def families(draw: st.DrawFn) -> Family:
    """Return threads that fork from each other, and who made each of their requests."""
    scripts: list[Script] = []
    makers: dict[int, str] = {}
    for number in range(draw(st.integers(2, 5))):
        session, parent = f"t{number}", ""
        inherited: tuple[Sighting, ...] = ()
        if scripts and draw(st.integers(0, 4)) > 0:
            other = draw(st.sampled_from(scripts))
            is_named = draw(st.booleans())
            parent = other.session if is_named else ""
            # Of a single shared request only a named parent can tell that it is not chance.
            least = 1 if is_named else 2
            inherited = other.records[: draw(st.integers(least, max(least, len(other.records))))]
            inherited = inherited if len(inherited) >= least else ()
        delay_ms = draw(st.sampled_from((0, 0, 7_000)))
        own = chain(session, draw(st.integers(2, 4)), str(inherited), number * 10)
        makers |= {link.key: session for link in own}
        records = [
            link._replace(
                scope=link.scope._replace(session=session),
                instant_ms=link.instant_ms + delay_ms,
                first_ms=link.first_ms + delay_ms,
            )
            for link in inherited
        ]
        path = f"/logs/{draw(st.integers(0, 9))}-{number}.jsonl"
        begin_ms = NOON_MS + number
        scripts.append(Script(path, "codex", session, placed([*records, *own]), parent, begin_ms))
    return draw(st.permutations(scripts)), makers


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(families())
def test_a_request_counts_once_for_the_thread_that_made_it(
    database: Database, family: Family
) -> None:
    scripts, makers = family
    facts.clear(database)

    assert read(database, *scripts) == makers


@pytest.mark.parametrize("order", permutations(range(3)))
def test_threads_that_begin_with_the_same_total_by_chance_all_count(
    database: Database, order: Sequence[int]
) -> None:
    first = request(1)._replace(key=77)
    scripts = [
        Script(
            f"/logs/{name}.jsonl",
            "codex",
            name,
            placed(
                link._replace(scope=link.scope._replace(session=name))
                for link in (first, *chain(name, 2, start=2))
            ),
            begin_ms=NOON_MS + number,
        )
        for number, name in enumerate("abc")
    ]

    found = read(database, *(scripts[number] for number in order))

    assert len(found) == 9
    assert found[77] == "a"
    assert [event.first_ms for event in facts.events(database).values()].count(first.first_ms) == 3
