"""What several sources tell of one request, and where they differ."""

from __future__ import annotations

import pytest

from tests.store import facts
from tests.store.worlds import NOON_MS, Script, placed, request, script
from tests.store.worlds import whole as read
from tokwatch.model.event import Grade, Sighting
from tokwatch.model.usage import Slice
from tokwatch.store.connect import Database
from tokwatch.store.read.every import Statement, View, open_view, witnesses

RECORD = Statement(
    "claude-code", "/logs/a.jsonl", 0, Grade.RECORD, True, 100, 800, 100, 50, 10, None
)
SEEN = RECORD._replace(source="litellm", path="/logs/g.jsonl", grade=Grade.WITNESS)


def gateway(*records: Sighting, path: str = "/logs/g.jsonl", user: str = "") -> Script:
    """Return the log of a gateway that saw these requests."""
    seen = [
        one._replace(grade=Grade.WITNESS, scope=one.scope._replace(source="litellm", user=user))
        for one in records
    ]
    return Script(path, "litellm", "gateway", placed(seen))


def told(database: Database, *scripts: Script) -> View:
    """Read logs and return the view of all."""
    facts.write(database, [[read(one)] for one in scripts])
    return open_view(database, "local")


def test_a_request_of_two_sources_is_one_event_with_two_witnesses(database: Database) -> None:
    one, two, three = (request(number) for number in (1, 2, 3))
    view = told(
        database,
        gateway(one, two._replace(output=70)),
        script("/logs/a.jsonl", one, two, three),
        # A copy in another session of the same tool is no second source.
        script("/logs/b.jsonl", three._replace(first_ms=three.first_ms + 9)),
    )

    second, first = witnesses(view)

    assert (first.key, first.instant_ms, first.session) == (1, one.instant_ms, "s1")
    assert first.model == "priced"
    assert first.statements == (RECORD, SEEN)
    assert first.differing == ()
    assert second.statements == (RECORD._replace(offset=100), SEEN._replace(offset=100, output=70))
    assert second.differing == ("output",)
    assert [event.output for event in facts.events(database).values()] == [50, 50, 50]


def test_a_range_and_a_number_can_be_asked_for(database: Database) -> None:
    all_three = [request(number) for number in (1, 2, 3)]
    view = told(database, gateway(*all_three), script("/logs/a.jsonl", *all_three))

    assert [one.key for one in witnesses(view)] == [3, 2, 1]
    assert [one.key for one in witnesses(view, limit=2)] == [3, 2]
    assert [one.key for one in witnesses(view, Slice(until_ms=NOON_MS + 2_000))] == [1]
    assert witnesses(view, Slice(sources=("litellm",))) == []


@pytest.mark.parametrize(
    ("seen", "differing"),
    [
        (request(1)._replace(logged_nano=5), ()),
        (request(1)._replace(input=900, cache_read=None), ()),
        (request(1)._replace(input=101), ("prompt",)),
        (request(1)._replace(input=99, cache_read=801), ("cache_read",)),
        (request(1)._replace(cache_write_5m=100, cache_write_1h=None), ()),
        (request(1)._replace(input=99, cache_write_5m=61), ("cache_write",)),
        (request(1)._replace(input=200, cache_write_5m=None, cache_write_1h=None), ()),
        (request(1)._replace(output=60, reasoning=None), ("output",)),
        (request(1)._replace(reasoning=11), ("reasoning",)),
        (request(1)._replace(output=2, final=0), ()),
    ],
)
def test_only_what_both_know_can_differ(
    database: Database, seen: Sighting, differing: tuple[str, ...]
) -> None:
    view = told(database, gateway(seen), script("/logs/a.jsonl", request(1)))

    [found] = witnesses(view)

    assert found.differing == differing


def test_two_logged_costs_can_differ(database: Database) -> None:
    told_cost, seen_cost = (request(1)._replace(logged_nano=nano) for nano in (5, 6))
    view = told(database, gateway(seen_cost), script("/logs/a.jsonl", told_cost))

    assert [one.differing for one in witnesses(view)] == [("cost",)]


def test_a_request_counts_for_its_gateway_until_its_session_is_read(database: Database) -> None:
    one = request(1)
    view = told(database, gateway(one._replace(scope=one.scope._replace(session="asked"))))
    assert facts.events(database)[1].scope[:2] == ("litellm", "asked")
    assert witnesses(view) == []

    told(database, script("/logs/a.jsonl", one))

    [event] = facts.events(database).values()
    assert event.scope.source == "claude-code"
    assert facts.cells(database) == facts.expected_cells([event])
