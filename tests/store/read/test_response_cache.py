"""Response caches: what gateways told, and what a simulated one is asked."""

from __future__ import annotations

from tests.store import made_detail
from tests.store.build import Made, build
from tests.store.read.test_usage import MARCH_MS
from tokwatch.model.caching import GatewaySum
from tokwatch.model.detail import Detail
from tokwatch.model.repeats import Answer
from tokwatch.model.usage import CostMode, Slice
from tokwatch.store.connect import Database
from tokwatch.store.read.every import answers, detail_marks, gateway_sums, newest_log
from tokwatch.store.sql import COUNTED

LOGS: list[dict[str, object]] = [
    {"path": "/gateway.jsonl", "source": "litellm"},
    {"path": "/logs/a.jsonl", "source": "claude-code"},
]


def tell(database: Database, key: int, log: int, **facts: int) -> None:
    """Let a log tell facts of a request."""
    for name, value in facts.items():
        database.execute(
            "INSERT INTO request_fact (workspace, key, log, name, value) VALUES (1, ?, ?, ?, ?)",
            (key, log, name, value),
        )


def test_a_gateways_own_hits_are_of_the_requests_that_its_logs_tell_of(
    database: Database,
) -> None:
    made = [Made(MARCH_MS + number, path="/gateway.jsonl") for number in range(4)]
    made += [Made(MARCH_MS + 10 + number, path="/logs/a.jsonl") for number in range(3)]
    view = build(database, made, logs=LOGS)
    # One request of the agent went through the gateway, whose log tells of it too.
    columns = ", ".join(("workspace", *COUNTED))
    for log in ("log", "1"):
        told = columns.replace("log,", f"{log},")
        database.execute(f"INSERT INTO copy ({columns}) SELECT {told} FROM event WHERE key = 5")
    tell(database, 1, 1, response_cache_hit=1, response_cache_nano=700)
    tell(database, 2, 1, response_cache_hit=1)
    tell(database, 3, 1, response_cache_hit=0, tokens_saved=40)
    tell(database, 5, 2, duration_ms=9)

    assert gateway_sums(view) == [
        GatewaySum("claude-code", 3, 0, 0, 0, 0, 0),
        GatewaySum("litellm", 5, 2, 700, 1, 1, 40),
    ]
    late = gateway_sums(view, Slice(MARCH_MS + 1, MARCH_MS + 3))
    assert late == [GatewaySum("litellm", 2, 1, 0, 1, 1, 40)]


def test_the_newest_log_grows_with_each_log(database: Database) -> None:
    view = build(database, [], logs=LOGS[:1])
    database.execute("UPDATE log SET workspace = 1")
    before = newest_log(view)
    database.execute(
        "INSERT INTO log (id, workspace, path, source, head, tail, state, version) "
        "SELECT id + 1, workspace, '/b', source, head, tail, state, version FROM log"
    )
    assert newest_log(view) == before + 1


def test_sessions_whose_content_is_known_come_with_how_far(database: Database) -> None:
    made = [
        Made(MARCH_MS, session="s1", path="/one.jsonl"),
        Made(MARCH_MS + 50, session="s2", path="/two.jsonl"),
        Made(MARCH_MS, session="s3", path="/three.jsonl"),
    ]
    view = build(database, made)
    for path, at_ms, count in (("/one.jsonl", MARCH_MS, 3), ("/two.jsonl", MARCH_MS + 50, 2)):
        blocks = tuple(made_detail.block(number, at_ms + number) for number in range(count))
        made_detail.write(database, path, Detail(blocks=blocks))

    assert detail_marks(view) == [
        ("claude-code", "s2", MARCH_MS + 51, 2),
        ("claude-code", "s1", MARCH_MS + 2, 3),
    ]
    assert [mark.session for mark in detail_marks(view, Slice(MARCH_MS + 3))] == ["s2"]
    assert [mark.session for mark in detail_marks(view, Slice(0, MARCH_MS + 50))] == ["s1"]


def test_what_a_session_was_answered(database: Database) -> None:
    made = [
        Made(MARCH_MS + 1, logged_nano=8, computed_nano=9),
        Made(MARCH_MS, agent="a1", computed_nano=5, model="haiku"),
        Made(MARCH_MS + 2, session="other"),
        Made(MARCH_MS + 3, source="codex"),
        Made(MARCH_MS + 4, grade=2),
    ]
    view = build(database, made)
    tell(database, 1, 1, http_status=529)
    tell(database, 2, 1, http_status=200)
    assert answers(view, "claude-code", "s1") == [
        Answer(2, MARCH_MS, "haiku", 1_050, 5, 0, agent="a1"),
        Answer(1, MARCH_MS + 1, "claude-opus-4-5", 1_050, 8, 1),
    ]
    computed = answers(view, "claude-code", "s1", CostMode.CALCULATE)
    assert [one.nano for one in computed] == [5, 9]
