"""Requests that were logged unfinished: found by their ids, looked up once, and then finished."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.endpoint_server import NOON_MS, Answer, EndpointServer, Query, endpoint_server
from tests.transcripts import append, response, transcript
from tokwatch.config import Config, load
from tokwatch.ingest.asking import polled
from tokwatch.ingest.ingest import open_ingest
from tokwatch.ingest.poll_writer import PollWriter
from tokwatch.ingest.unfinished import REST_MS, UnfinishedResponses
from tokwatch.model.stored import EventFact
from tokwatch.model.units import DAY_MS
from tokwatch.store.connect import Database
from tokwatch.store.read.events import events
from tokwatch.store.store import open_store
from tokwatch.store.view import ALL, open_view

HOUR_MS = 3_600_000
OWN = "gen-1774260000-AbCdEfGhIjKl"


def answer(name: str, at_ms: int = NOON_MS - HOUR_MS, *, ends: bool = False) -> str:
    """Return the record of a response, which was broken off unless it ends."""
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    record = json.loads(response(1, at=at, output=3))
    record["message"]["id"] = name
    record["parentUuid"] = "gen-another-request"
    record["message"]["stop_reason"] = "end_turn" if ends else None
    return json.dumps(record)


@pytest.fixture
def server() -> Iterator[EndpointServer]:
    """Return an OpenRouter that knows one request, in which much was said."""

    def told(query: Query) -> Answer:
        if query["id"] != OWN:
            return Answer(status=404)
        return Answer(
            {
                "data": {
                    **{"id": OWN, "created_at": "2026-03-23T11:00:05Z", "model": "anthropic/m"},
                    **{"native_tokens_prompt": 1210, "native_tokens_cached": 1000},
                    **{"native_tokens_completion": 77, "native_tokens_reasoning": 5},
                    **{"total_cost": 0.0125, "is_byok": False, "http_referer": "https://secret"},
                }
            }
        )

    with endpoint_server() as server:
        server.answers["/v1/generation"] = told
        yield server


@pytest.fixture
def config(server: EndpointServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Return settings with the endpoint, at noon."""
    monkeypatch.setenv("ROUTER_KEY", "sk-or-1")
    for module in ("poll_threads", "asking"):
        monkeypatch.setattr(f"tokwatch.ingest.{module}.now_ms", lambda: NOON_MS)
    file = tmp_path / "config.toml"
    file.write_text(
        f'[endpoint.router]\nkind = "openrouter"\nurl = "{server.url}"\nkey = "env:ROUTER_KEY"\n'
        'only = ["generation"]\n[detail]\ndays = 0\n'
    )
    return load(file, tmp_path / "data", environ={})


@pytest.fixture
def database(config: Config) -> Iterator[Database]:
    """Return an open store."""
    database = open_store("", config.data)
    yield database
    database.close()


def read(config: Config, database: Database, home: Path, *lines: str) -> Path:
    """Read a transcript of these records."""
    path = transcript(home)
    append(path, *lines)
    ingest = open_ingest(config, database)
    for _ in ingest.read(ingest.walk().pending):
        pass
    return path


def known(database: Database) -> dict[int, EventFact]:
    """Return the events by their output tokens."""
    return {one.usage.output: one for one in events(open_view(database, "local"), ALL, 10)}


def test_ids_are_those_of_answers_that_did_not_end_and_are_over(
    config: Config, database: Database, home: Path
) -> None:
    going_on = answer("gen-young", NOON_MS - REST_MS + 1000)
    old = answer("gen-old", NOON_MS - 8 * DAY_MS)
    lines = (answer(OWN), answer("msg_01234567"), answer("gen-ended", ends=True), going_on, old)
    path = read(config, database, home, *lines)
    found = UnfinishedResponses(config, 7)

    assert sorted(found.since(NOON_MS)) == [OWN, "msg_01234567"]
    path.unlink()
    assert sorted(found.since(NOON_MS)) == [OWN, "msg_01234567"]
    assert UnfinishedResponses(config, 7).since(NOON_MS) == ()


def test_without_a_store_there_is_none(config: Config) -> None:
    assert UnfinishedResponses(config, 7).since(NOON_MS) == ()


def test_a_lower_bound_is_finished_by_what_was_looked_up_and_counts_once(
    config: Config, database: Database, home: Path, server: EndpointServer
) -> None:
    read(config, database, home, answer(OWN), answer("msg_01234567"))
    assert known(database)[3].usage.lower_bound == 1
    writer = PollWriter(config, open_ingest(config, database), database)
    for _ in range(2):
        for one in polled(config, "router", writer.states(), at_once=True):
            writer.write(one)

    finished = known(database)[77]
    assert server.asked == [("/v1/generation", {"id": OWN})]
    assert (finished.scope.source, finished.model.name) == ("claude-code", "claude-opus-4-8")
    assert (finished.usage.lower_bound, finished.usage.requests) == (0, 1)
    assert (finished.usage.cache_read, finished.usage.logged_nano) == (1000, 12_500_000)
    assert sorted(known(database)) == [3, 77]
