"""Facts of requests: kept with what told them, and gone with it."""

from __future__ import annotations

from msgspec.structs import replace

from tests.store import facts
from tests.store.worlds import NOON_MS, Script, request, script, whole
from tokwatch.model.event import RequestFact
from tokwatch.model.units import DAY_MS
from tokwatch.store.connect import Database
from tokwatch.store.prune import prune
from tokwatch.store.read.every import open_view, request_facts
from tokwatch.store.read.facts import ToldFact

ONE = script("/logs/a.jsonl", request(1), request(2))
COPY = script("/logs/b.jsonl", request(1, "s2"))


def told(database: Database, one: Script, *found: RequestFact, workspace: str = "local") -> None:
    """Read a log that tells facts."""
    reading = replace(whole(one).reading, facts=found)
    facts.open_writer(database, workspace=workspace).add([reading])


def stored(database: Database) -> set[tuple[int, str, int]]:
    """Return what the table holds."""
    return set(database.rows("SELECT key, name, value FROM request_fact"))


def test_facts_are_told_by_request_and_log(database: Database) -> None:
    told(database, ONE, RequestFact(1, "retries", 2), RequestFact(1, "duration_ms", 900))
    told(database, COPY, RequestFact(1, "duration_ms", 950), RequestFact(3, "retries", 1))
    told(database, ONE, RequestFact(1, "duration_ms", 800))
    view = open_view(database, "local")

    assert request_facts(view, 1) == [
        ToldFact("duration_ms", 800, "claude-code"),
        ToldFact("duration_ms", 950, "claude-code"),
        ToldFact("retries", 2, "claude-code"),
    ]
    assert request_facts(view, 2) == []
    # What is told of a request that nobody knows counts for nothing.
    assert request_facts(view, 3) == []


def test_absurd_numbers_are_no_facts(database: Database) -> None:
    told(database, ONE, RequestFact(1, "retries", -1), RequestFact(1, "duration_ms", 2**70))

    assert stored(database) == set()


def test_facts_go_when_their_log_is_read_otherwise(database: Database) -> None:
    told(database, ONE, RequestFact(1, "retries", 2))
    told(database, COPY, RequestFact(1, "retries", 3))

    told(database, replace(ONE, version=2), RequestFact(2, "retries", 4))

    assert stored(database) == {(1, "retries", 3), (2, "retries", 4)}


def test_facts_go_with_their_requests_and_do_not_come_back(database: Database) -> None:
    fact, orphan = RequestFact(1, "retries", 2), RequestFact(9, "retries", 2)
    late = request(3, "later")._replace(instant_ms=NOON_MS + DAY_MS, first_ms=NOON_MS + DAY_MS)
    living = script("/logs/late.jsonl", late)
    told(database, ONE, fact, orphan)
    told(database, living, RequestFact(3, "retries", 5))

    prune(database, 1, NOON_MS + DAY_MS // 2)
    assert stored(database) == {(3, "retries", 5)}

    told(database, ONE, fact)
    assert stored(database) == {(3, "retries", 5)}


def test_workspaces_that_read_the_same_logs_have_facts_of_their_own(database: Database) -> None:
    for name, value in (("local", 2), ("theirs", 7), ("local", 2)):
        told(database, ONE, RequestFact(1, "retries", value), workspace=name)

    found = database.rows("SELECT workspace, value FROM request_fact ORDER BY workspace")
    assert found == [(1, 2), (2, 7)]
