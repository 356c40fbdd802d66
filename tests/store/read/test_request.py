"""One request with everything that is stored of it."""

from __future__ import annotations

from msgspec.structs import replace

from tests.store.build import Made, build
from tests.store.read.test_usage import MARCH_MS
from tokwatch.model.event import Grade
from tokwatch.store.connect import Database
from tokwatch.store.read.every import facts_by_request, stored_request
from tokwatch.store.read.facts import ToldFact
from tokwatch.store.sql import COUNTED

MADE = Made(
    MARCH_MS,
    agent="a1",
    tier="fast",
    window=200_000,
    logged_nano=7,
    final=0,
    web_searches=2,
    cache_read=None,
)


def test_a_request_is_told_with_all_that_is_stored(database: Database) -> None:
    view = build(database, [MADE], agents=[("claude-code", "s1", "a1", "Explore", "")])
    database.execute("UPDATE model SET priced_as = 'claude-opus', note = 'a note'")
    for name, value in (("retries", 2), ("duration_ms", 1_500)):
        database.execute(
            "INSERT INTO request_fact (workspace, key, log, name, value) VALUES (1, 1, 1, ?, ?)",
            (name, value),
        )
    found = stored_request(view, 1)
    assert found is not None
    one = found.evidence
    assert (one.key, one.at_ms, one.scope.agent, one.model.tier) == (1, MARCH_MS, "a1", "fast")
    assert (one.input, one.cache_read, one.output, one.is_final) == (100, None, 50, False)
    assert (one.logged_nano, one.computed_nano) == (7, 10_000_000)
    assert (found.kind, found.first_ms, found.web_searches, found.window) == (
        *("Explore", MARCH_MS, 2, 200_000),
    )
    assert (found.priced_as, found.note) == ("claude-opus", "a note")
    assert found.facts == (
        ToldFact("duration_ms", 1_500, "claude-code"),
        ToldFact("retries", 2, "claude-code"),
    )
    assert found.statements == ()


def test_what_several_logs_say_is_told_apart(database: Database) -> None:
    logs: list[dict[str, object]] = [{"path": "/gateway.jsonl", "source": "litellm"}]
    view = build(database, [replace(MADE, grade=1)], logs=logs)
    columns = ", ".join(("workspace", *COUNTED))
    database.execute(f"INSERT INTO copy ({columns}) SELECT {columns} FROM event")
    told = columns.replace("log,", "2,").replace("output,", "output + 3,")
    database.execute(
        f"INSERT INTO copy ({columns}) SELECT {told.replace('grade', '-2')} FROM event"
    )
    database.execute("UPDATE event SET copies = 2")
    found = stored_request(view, 1)
    assert found is not None
    assert [(one.source, one.output, one.grade) for one in found.statements] == [
        ("claude-code", 50, Grade.RECORD),
        ("litellm", 53, Grade.WITNESS),
    ]
    assert [place.path for place in found.evidence.others] == ["/gateway.jsonl"]


def test_what_is_not_stored_and_ghosts_are_nothing(database: Database) -> None:
    view = build(database, [MADE, replace(MADE, grade=2)])
    assert stored_request(view, 99) is None
    assert stored_request(view, 2) is None


def test_facts_of_many_requests_have_the_largest_value(database: Database) -> None:
    logs: list[dict[str, object]] = [{"path": "/gateway.jsonl"}]
    view = build(database, [replace(MADE, at_ms=MARCH_MS + n) for n in range(3)], logs=logs)
    for key, log, name, value in (
        (1, 1, "tokens_saved", 5),
        (1, 2, "tokens_saved", 9),
        (1, 1, "retries", 1),
        (3, 1, "response_cache_hit", 1),
    ):
        database.execute(
            "INSERT INTO request_fact (workspace, key, log, name, value) VALUES (1, ?, ?, ?, ?)",
            (key, log, name, value),
        )
    assert facts_by_request(view, [1, 2, 3]) == {
        1: {"retries": 1, "tokens_saved": 9},
        3: {"response_cache_hit": 1},
    }
    assert facts_by_request(view, [2]) == {}
    assert facts_by_request(view, []) == {}
