"""What an audit reads of a store, on either kind of database."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from tests.store import facts
from tests.store.build import Made, build
from tests.store.read.test_costs import with_tools
from tests.store.read.test_usage import MARCH_MS
from tests.store.worlds import NOON_MS, request, script, whole
from tokwatch.model.event import Grade, RequestFact, Sighting
from tokwatch.model.evidence import Focus, Kept, Place
from tokwatch.model.facets import Facet, Pick, Portion
from tokwatch.model.reading import Tally
from tokwatch.model.units import QUARTER_MS
from tokwatch.model.usage import Slice, Usage
from tokwatch.store.connect import Database
from tokwatch.store.read import every as read
from tokwatch.store.view import View

REQUEST = Made(MARCH_MS)


def told(path: str, *records: Sighting, tally: Tally | None = None) -> object:
    """Return the read of a log."""
    return replace(whole(script(path, *records)).reading, tally=tally or Tally(lines=10))


def store_of(database: Database, *readings: object) -> View:
    """Return a store that read these logs."""
    facts.open_writer(database).add(readings)  # type: ignore[arg-type]
    return read.open_view(database, "local")


def test_usage_is_told_by_source_and_model(database: Database) -> None:
    other = replace(REQUEST, at_ms=MARCH_MS + QUARTER_MS, model="gpt-5.5", source="codex")
    view = build(database, [REQUEST, REQUEST, other])

    found = read.audit_usage(view)

    assert [one[:3] for one in found] == [
        ("claude-code", "anthropic", "claude-opus-4-5"),
        ("codex", "anthropic", "gpt-5.5"),
    ]
    assert [one.usage for one in found] == [REQUEST.usage + REQUEST.usage, other.usage]
    assert [(one.first_ms, one.last_ms) for one in found] == [
        (MARCH_MS, MARCH_MS),
        (other.at_ms, other.at_ms),
    ]


@pytest.mark.parametrize("part", [Slice(), Slice(MARCH_MS, MARCH_MS + 100)])
def test_a_tools_requests_are_those_that_called_it_most(database: Database, part: Slice) -> None:
    """The same ones that the costs by tool are sums of, on either kind of database."""
    view = with_tools(database)
    by_tool = {
        cell.group[0]: (cell.amount.requests, cell.amount.output)
        for cell in read.spending(view, Portion(part), (Facet.TOOL,))
    }

    assert len(by_tool) == 5
    for tool, told in by_tool.items():
        focus = Focus(part, picks=(Pick(Facet.TOOL, tool),))
        [used] = read.audit_usage(view, focus)
        [event] = read.audit_events(view, focus)
        assert (used.usage.requests, used.usage.output) == told == (1, event.output)


def test_events_and_the_requests_that_they_are_are_told_by_source(database: Database) -> None:
    """An event may be none, or several; the range and the source narrow them."""
    none, several = replace(REQUEST, requests=0), replace(REQUEST, requests=4)
    late = replace(REQUEST, at_ms=MARCH_MS + QUARTER_MS, source="codex")
    view = build(database, [REQUEST, none, several, late])

    assert read.audit_kept(view) == [Kept("claude-code", 3, 5), Kept("codex", 1, 1)]
    first = Focus(Slice(until_ms=MARCH_MS + 1))
    assert read.audit_kept(view, first) == [Kept("claude-code", 3, 5)]


@pytest.mark.parametrize("since_ms", [MARCH_MS, MARCH_MS + 1])
def test_a_range_counts_to_the_millisecond(database: Database, since_ms: int) -> None:
    """Whole quarters come from the roll-ups, other ranges from the requests."""
    made = [REQUEST, replace(REQUEST, at_ms=MARCH_MS + 5, session="s2")]
    view = build(database, made)
    focus = Focus(Slice(since_ms=since_ms))

    [found] = read.audit_usage(view, focus)

    assert found.usage.requests == (2 if since_ms == MARCH_MS else 1)
    assert read.audit_sessions(view, focus) == {"claude-code": found.usage.requests}


def test_one_agent_of_one_session_is_told_apart(database: Database) -> None:
    made = [
        REQUEST,
        replace(REQUEST, agent="a1"),
        replace(REQUEST, agent="a1", session="s2"),
        replace(REQUEST, session="s1", source="codex"),
    ]
    view = build(database, made)

    def requests(focus: Focus) -> int:
        return sum(one.usage.requests for one in read.audit_usage(view, focus))

    assert requests(Focus()) == 4
    assert requests(Focus(session="s1")) == 3
    assert requests(Focus(session="s1", agent="")) == 2
    assert requests(Focus(Slice(sources=("claude-code",)), "s1", "")) == 1
    assert len(read.audit_events(view, Focus(session="s1", agent="a1"))) == 1


def test_logs_are_summed_up_by_source(database: Database) -> None:
    tally = Tally(9, 1, 2, 3, 4, 5, 6, 7, "cost, model")
    view = store_of(
        database,
        told("/logs/a.jsonl", request(1), tally=tally),
        told("/logs/b.jsonl", request(2), tally=tally),
    )
    laptop = facts.open_writer(database, machine="laptop")
    laptop.add([told("/logs/a.jsonl", request(3))])  # type: ignore[list-item]

    [found] = read.audit_logs(view)

    assert found == (
        *("claude-code", ("", "laptop"), 3, 28, 14, 2, 4, 6, 8, 10, 12, "cost, model"),
    )


def test_only_logs_that_hold_the_audited_requests_count(database: Database) -> None:
    view = store_of(
        database,
        told("/logs/a.jsonl", request(1), request(2)),
        told("/logs/fork.jsonl", request(1, "s2"), request(3, "s2")),
        told("/logs/other.jsonl", request(90, "s3")),
    )

    [found] = read.audit_logs(view, Focus(session="s1"))

    assert found.files == 2, "the fork holds a copy"
    assert read.audit_logs(view, Focus(session="nobody")) == []


def test_merged_sightings_are_told_by_grade(database: Database) -> None:
    echo = request(1, "s3")._replace(grade=Grade.ECHO)
    ghost = request(5, "s3")._replace(grade=Grade.GHOST)
    seen = request(2, "gateway")._replace(grade=Grade.WITNESS)
    view = store_of(
        database,
        told("/logs/a.jsonl", request(1), request(2)),
        told("/logs/fork.jsonl", request(1, "s2"), request(2, "s2"), request(3, "s2")),
        told("/logs/echo.jsonl", echo, ghost),
        told("/logs/gateway.jsonl", seen),
    )

    found = {one.grade: one.sightings for one in read.audit_merged(view)}

    assert found == {Grade.RECORD: 2, Grade.ECHO: 1, Grade.GHOST: 1, Grade.WITNESS: 1}
    assert len(read.audit_events(view)) == 3
    within = read.audit_merged(view, Focus(Slice(since_ms=NOON_MS + 2_000)))
    assert {one.grade: one.sightings for one in within} == {Grade.RECORD: 1, Grade.WITNESS: 1}


def test_both_costs_are_summed_where_a_request_has_both(database: Database) -> None:
    view = build(
        database,
        [
            replace(REQUEST, logged_nano=7, computed_nano=5),
            replace(REQUEST, logged_nano=1, computed_nano=2),
            replace(REQUEST, logged_nano=100, computed_nano=None),
            REQUEST,
            # What a gateway's own cache answered costs nothing, and is no request.
            replace(REQUEST, source="litellm", requests=0, logged_nano=0, computed_nano=0),
        ],
    )

    assert read.audit_costs(view) == [("claude-code", 2, 8, 7)]


def test_what_is_a_lower_bound_and_derived_at_once_is_counted(database: Database) -> None:
    doubtful = replace(REQUEST, source="crush", grade=Grade.DERIVED, final=0, requests=3)
    view = build(
        database,
        [
            doubtful,
            replace(doubtful, at_ms=MARCH_MS + QUARTER_MS),
            replace(doubtful, final=1),
            replace(doubtful, grade=Grade.RECORD),
        ],
    )

    assert read.audit_doubts(view) == {"crush": 6}
    assert read.audit_doubts(view, Focus(Slice(since_ms=MARCH_MS + 1))) == {"crush": 3}


def test_what_another_agents_log_may_tell_too_is_counted(database: Database) -> None:
    marked = (RequestFact(1, "may_overlap", 1), RequestFact(2, "retries", 1))
    first = whole(script("/logs/a.jsonl", request(1), request(2))).reading
    first, copy = replace(first, facts=marked), whole(script("/logs/b.jsonl", request(1))).reading
    copy = replace(copy, facts=marked[:1])
    view = store_of(database, first, copy)

    assert read.audit_overlaps(view) == {"claude-code": 1}
    assert read.audit_overlaps(view, Focus(Slice(since_ms=NOON_MS + 60_000))) == {}


def test_a_request_tells_every_place_that_holds_it(database: Database) -> None:
    view = store_of(
        database,
        told("/logs/a.jsonl", request(1), request(2)),
        told("/logs/b.jsonl", request(2, "s2")._replace(first_ms=NOON_MS * 2)),
    )

    late, early = read.audit_events(view)

    assert (late.key, late.place) == (2, Place("", "/logs/a.jsonl", 100, Grade.RECORD))
    assert late.others == (Place("", "/logs/b.jsonl", 0, Grade.RECORD),)
    assert early.others == ()
    assert (early.input, early.cache_read, early.output) == (100, 800, 50)
    assert early.is_final
    assert early.computed_nano is not None
    assert early.logged_nano is None
    assert [one.key for one in read.audit_events(view, limit=1)] == [2]


def test_the_place_is_where_the_counted_numbers_stand(database: Database) -> None:
    """A request is of the log that has it first, and counts as its most final copy tells."""
    cut = request(1)._replace(output=1, final=0)
    full = request(1, "s2")._replace(output=1_444, final=0, first_ms=NOON_MS * 2)
    view = store_of(database, told("/logs/a.jsonl", cut), told("/logs/b.jsonl", full))

    [found] = read.audit_events(view)

    assert (found.scope.session, found.output) == ("s1", 1_444)
    assert found.place == Place("", "/logs/b.jsonl", 0, Grade.RECORD)
    assert found.others == (Place("", "/logs/a.jsonl", 0, Grade.RECORD),)


def test_picked_requests_alone_are_audited(database: Database) -> None:
    other = replace(REQUEST, model="gpt-5.5", source="codex", session="s2", agent="a1")
    view = build(database, [REQUEST, other, replace(other, at_ms=MARCH_MS + QUARTER_MS)])
    model = Focus(picks=(Pick(Facet.MODEL, "gpt-5.5"),))
    hour = Focus(picks=(Pick(Facet.AGENT, "a1"), Pick(Facet.HOUR, MARCH_MS // 3_600_000 % 24)))
    [newest, *_] = read.audit_events(view)
    alone = Focus(keys=(newest.key,))

    for focus, requests in ((model, 2), (hour, 2), (alone, 1)):
        assert [one.usage.requests for one in read.audit_usage(view, focus)] == [requests]
        assert read.audit_sessions(view, focus) == {"codex": 1}
        assert len(read.audit_events(view, focus)) == requests


def test_witnesses_are_those_of_the_audited_requests(database: Database) -> None:
    def seen(key: int) -> Sighting:
        at = request(key)
        return at._replace(scope=at.scope._replace(source="litellm"), grade=Grade.WITNESS)

    view = store_of(
        database,
        told("/logs/a.jsonl", request(1), request(2, "s2")),
        whole(replace(script("/logs/l.jsonl", seen(1), seen(2)), source="litellm")).reading,
    )

    assert [one.key for one in read.audit_witnesses(view)] == [2, 1]
    assert [one.key for one in read.audit_witnesses(view, Focus(session="s1"))] == [1]


def test_a_copy_in_anothers_log_is_not_shown(database: Database) -> None:
    ben = request(1, "s2")
    ben = ben._replace(scope=ben.scope._replace(user="ben"), first_ms=NOON_MS * 2)
    ana = request(1)
    view = store_of(
        database,
        told("/logs/ana.jsonl", ana._replace(scope=ana.scope._replace(user="ana"))),
        told("/logs/ben.jsonl", ben),
    )

    [everyone] = read.audit_events(view)
    [mine] = read.audit_events(replace(view, user="ana"))

    assert len(everyone.others) == 1
    assert mine.others == ()


def test_nothing_is_nothing(database: Database) -> None:
    view = build(database, [])
    functions: Sequence[object] = (
        *(read.audit_usage(view), read.audit_sessions(view), read.audit_logs(view)),
        *(read.audit_merged(view), read.audit_costs(view), read.audit_events(view)),
        read.audit_doubts(view),
        read.audit_overlaps(view),
    )
    assert not any(functions)
    assert Usage() == sum((one.usage for one in read.audit_usage(view)), start=Usage())
