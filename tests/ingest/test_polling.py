"""Configured endpoints while the store is open: polled, written, merged; keys told to nobody."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.endpoint_server import NOON_MS, Answer, EndpointServer, endpoint_server
from tests.ingest.test_live import wait_until
from tests.store.told import buckets_of
from tests.transcripts import append, response, transcript
from tokwatch.config import Config, load
from tokwatch.errors import ConfigError
from tokwatch.ingest.asking import known_endpoint, polled, tried
from tokwatch.ingest.endpoint_health import endpoint_health
from tokwatch.ingest.ingest import open_ingest
from tokwatch.ingest.live import LiveIngest
from tokwatch.ingest.poll_writer import PollWriter
from tokwatch.model.endpoint import EndpointState
from tokwatch.store.connect import Database, open_sqlite
from tokwatch.store.read.endpoints import stored_states
from tokwatch.store.read.events import events
from tokwatch.store.store import open_store
from tokwatch.store.view import ALL, View, open_view

CANARY = "sk-canary-3a91f7"
METRICS = b'litellm_output_tokens_metric_total{model="m"} %d\n'
AT = "2026-03-23T11:00:00Z"


def spend(name: str, **more: object) -> dict[str, object]:
    """Return a request as a proxy lists it."""
    return {
        "request_id": name, "call_type": "acompletion", "spend": 0.25, "prompt_tokens": 100,
        "completion_tokens": 20, "startTime": AT, "endTime": AT, "model": "claude-opus-4-8",
        "custom_llm_provider": "anthropic", "metadata": {"user_api_key_alias": "ana"}, **more,
    }  # fmt: skip


@pytest.fixture
def server() -> Iterator[EndpointServer]:
    """Return a proxy with a database and one request."""
    with endpoint_server() as server:
        server.tell("/health/readiness", {"status": "healthy", "db": "connected"})
        server.tell("/metrics/", METRICS % 5)
        server.tell("/spend/logs/v2", {"data": [spend("msg_000001")], "total_pages": 1})
        yield server


@pytest.fixture
def config(server: EndpointServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Return settings with the proxy as an endpoint."""
    monkeypatch.setenv("PROXY_KEY", CANARY)
    file = tmp_path / "config.toml"
    file.write_text(
        f'[endpoint.proxy]\nkind = "litellm"\nurl = "{server.url}"\nkey = "env:PROXY_KEY"\n'
        'interval_seconds = 5\nonly = ["metrics", "requests"]\n[detail]\ndays = 0\n'
        "[alerts]\non = false\n[prices]\nupdate = false\n"
    )
    return load(file, tmp_path / "data", environ={})


@pytest.fixture
def database(config: Config) -> Iterator[Database]:
    """Return an open store."""
    database = open_store("", config.data)
    yield database
    database.close()


class Clock:
    """The time that polling goes by, in place of the system's."""

    at_ms = NOON_MS

    def __call__(self) -> int:
        return self.at_ms


@pytest.fixture
def clock(server: EndpointServer, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return a clock that only the test moves."""
    clock = Clock()
    monkeypatch.setattr("tokwatch.ingest.poll_threads.now_ms", clock)
    monkeypatch.setattr("tokwatch.ingest.asking.now_ms", clock)
    server.clock_ms = clock
    return clock


def poll(config: Config, database: Database, keeps: Callable[[int], bool] = bool) -> None:
    """Poll all that is due and write it, or only the polls of these numbers, as after a crash."""
    writer = PollWriter(config, open_ingest(config, database), database)
    for number, one in enumerate(polled(config, "proxy", writer.states(), at_once=False), 1):
        if keeps(number):
            writer.write(one)


def outputs(view: View) -> list[int | None]:
    """Return the output tokens of each bucket of growth."""
    return [bucket.output for bucket in buckets_of(view, "proxy")]


def test_what_was_not_written_before_a_crash_is_told_again_and_counts_once(
    config: Config, database: Database, server: EndpointServer, clock: Clock
) -> None:
    poll(config, database)
    for tokens, written in ((25, True), (45, False), (65, True)):
        clock.at_ms += 60_000
        server.tell("/metrics/", METRICS % tokens)
        poll(config, database, keeps=lambda number, written=written: written)  # type: ignore[misc]  # bound now

    view = open_view(database, "local")
    assert sum(output or 0 for output in outputs(view)) == 60
    assert len(events(view, ALL, 10)) == 1


def test_a_request_that_a_transcript_tells_too_counts_once(
    config: Config, database: Database, server: EndpointServer, clock: Clock, home: Path
) -> None:
    line = response(1)
    append(transcript(home), line)
    name = json.loads(line)["message"]["id"]
    server.tell("/spend/logs/v2", {"data": [spend(name), spend("chatcmpl-other0001")]})
    ingest = open_ingest(config, database)
    for _ in ingest.read(ingest.walk().pending):
        pass

    poll(config, database)

    sources = sorted(one.scope.source for one in events(open_view(database, "local"), ALL, 10))
    assert sources == ["claude-code", "litellm"]


def test_requests_carry_who_asked_and_what_it_cost(
    config: Config, database: Database, server: EndpointServer, clock: Clock
) -> None:
    cached = {"prompt_tokens": 100, "completion_tokens": 20, "cache_read_input_tokens": 60}
    who = {"user_api_key_user_id": "ana", "user_api_key_alias": "laptop"}
    rows = [
        spend("msg_000009", metadata={"usage_object": cached, **who}),
        spend("chatcmpl-hit00001_cache_hit17", cache_hit="True"),
        spend("chatcmpl-bad00001", status="failure", prompt_tokens=0, completion_tokens=0),
    ]
    server.tell("/spend/logs/v2", {"data": rows})

    poll(config, database)

    found = events(open_view(database, "local"), ALL, 10)
    [billed] = [one for one in found if one.usage.requests]
    assert (billed.scope.user, billed.scope.key) == ("ana", "laptop")
    assert billed.model.provider == "anthropic"
    assert (billed.usage.input, billed.usage.cache_read, billed.usage.output) == (40, 60, 20)
    assert len(found) == 3


def test_the_key_stands_nowhere(
    config: Config, database: Database, server: EndpointServer, clock: Clock
) -> None:
    poll(config, database)
    server.answers["/metrics/"] = Answer(CANARY.encode(), status=401)
    clock.at_ms += 60_000
    poll(config, database)
    database.checkpoint()

    assert server.headers[-1]["authorization"] == f"Bearer {CANARY}"
    written = [file for file in config.data.rglob("*") if file.is_file()]
    assert written
    assert not any(CANARY.encode() in file.read_bytes() for file in written)
    assert CANARY not in repr(config)
    [health] = endpoint_health(config, open_view(database, "local"), NOON_MS)
    assert CANARY not in repr(health)
    assert health.worst is not None
    assert "key is refused" in health.worst.error


def test_a_trial_asks_each_part_once_and_keeps_nothing(
    config: Config, server: EndpointServer
) -> None:
    told = list(tried(config, "proxy"))

    assert [(one.part.name, one.state.error) for one in told] == [("metrics", ""), ("requests", "")]
    assert server.paths() == ["/metrics/", "/health/readiness", "/spend/logs/v2"]
    assert not config.data.exists()


def test_what_was_never_polled_is_listed_too(config: Config) -> None:
    [health] = endpoint_health(config, None, NOON_MS)

    assert [part.part for part in health.parts] == ["metrics", "requests"]
    assert {part.tried_ms for part in health.parts} == {None}


STREAMED = """
[mapping.records]
files = ["~/records/*.jsonl"]
time = "at"
input_includes = []
[mapping.records.fields]
model = "model"
input = "in"
output = "out"
[endpoint.feed]
kind = "stream"
mapping = "records"
"""


def test_a_stream_is_read_by_its_mapping_and_what_comes_again_counts_once(
    server: EndpointServer, tmp_path: Path
) -> None:
    records = [{"at": AT, "model": "m", "in": 5, "out": number} for number in (1, 2, 2)]
    body = "".join(f"id: {n}\ndata: {json.dumps(one)}\n\n" for n, one in enumerate(records))
    server.tell("/events", body.encode(), headers={"Content-Type": "text/event-stream"})
    file = tmp_path / "stream.toml"
    file.write_text(f'{STREAMED}url = "{server.url}/events"\n')
    config = load(file, tmp_path / "data", environ={})
    database = open_store("", config.data)
    for _ in range(2):
        writer = PollWriter(config, open_ingest(config, database), database)
        for one in tried(config, "feed"):
            writer.write(one)

    found = events(open_view(database, "local"), ALL, 10)
    assert sorted(one.usage.output for one in found) == [1, 2, 2]
    assert {(one.scope.source, one.usage.input) for one in found} == {("records", 5)}
    assert stored_states(database, 1)[0].cursor == "2"
    database.close()


def test_an_unknown_name_is_told_with_what_there_is(config: Config) -> None:
    with pytest.raises(ConfigError, match="no endpoint 'proxi'") as found:
        known_endpoint(config, "proxi")
    assert "Did you mean 'proxy'" in found.value.hint


def states(config: Config) -> list[EndpointState]:
    """Return the states that the store of a running ingest holds."""
    try:
        database = open_sqlite(config.data / "tokwatch.db", read_only=True)
    except Exception:  # not made yet
        return []
    try:
        if database.value("SELECT 1 FROM sqlite_master WHERE name = 'endpoint'") is None:
            return []
        return stored_states(database, 1)
    finally:
        database.close()


def test_while_the_screen_is_open_endpoints_are_polled_paused_and_tried_again(
    config: Config, server: EndpointServer, home: Path
) -> None:
    changes = threading.Condition()

    def changed() -> None:
        with changes:
            changes.notify_all()

    def all_are(what: Callable[[EndpointState], bool]) -> Callable[[], bool]:
        return lambda: len(found := states(config)) == 2 and all(map(what, found))

    live = LiveIngest(config, changed)
    assert not live.pause_endpoint("proxy")
    live.start()
    try:
        wait_until(changes, all_are(lambda state: state.succeeded_ms is not None))
        assert live.changed_since_ms() < 2**62
        assert live.pause_endpoint("proxy")
        wait_until(changes, all_are(lambda state: state.paused))
        live.pause_endpoint("proxy")
        wait_until(changes, all_are(lambda state: not state.paused))
        asked = len(server.asked)
        live.retry()
        wait_until(changes, lambda: len(server.asked) >= asked + 2)
    finally:
        live.stop()
    assert server.most_at_once == 1
