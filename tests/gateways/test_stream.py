"""Streams of events: any pieces, cuts, and the way back behind the last event."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.endpoint_server import NOON_MS, EndpointServer
from tokwatch.gateways.ask import BadAnswer
from tokwatch.gateways.kinds import adapter_of
from tokwatch.gateways.poll import Endpoint
from tokwatch.gateways.server_events import ServerEvent, ServerEvents
from tokwatch.gateways.stream import NUMBER, Listener
from tokwatch.model.endpoint import EndpointState, PollState
from tokwatch.net import Fetcher

STREAM = (
    "\ufeff: a sign of life\n\nid: 1\ndata: {\"a\":\ndata: 1}\n\nid: 2\r\nevent: x\r\n"
    "data:two ☃\r\n\r\n"
    "data\n\n: beat\n\nretry: 250\nid: 3\ndata: three\r\rdata: never whole\n"
).encode()  # fmt: skip
EVENTS = [ServerEvent("1", '{"a":\n1}'), ServerEvent("2", "two ☃", "x"), ServerEvent("3", "three")]


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_events_are_the_same_however_the_bytes_are_cut(edges: list[int]) -> None:
    cuts = [0, *sorted(edges), len(STREAM)]
    events = ServerEvents()

    found = [event for start, end in pairwise(cuts) for event in events.feed(STREAM[start:end])]

    assert found == EVENTS
    assert (events.last_id, events.retry_ms) == ("3", 250)


def test_an_event_without_end_is_refused() -> None:
    events = ServerEvents()
    long = b"data: " + b"x" * (1 << 20) + b"\n"

    with pytest.raises(BadAnswer, match="does not end"):
        events.feed(long * 5)


class Feed:
    """A server of numbered events that hangs up after a few, in the middle of one."""

    def __init__(self, total: int, each: int) -> None:
        self.total, self.each = total, each
        self.url = ""
        self.ids: list[str] = []
        """The Last-Event-ID of every question; "" without one."""
        self.keys: list[str] = []

    def events(self, last_id: str) -> bytes:
        """Return the next events behind an id, the last one torn."""
        first = int(last_id or 0) + 1
        last = min(first + self.each, self.total + 1)
        whole = b"".join(_event(number) for number in range(first, last))
        return b": hello\n\n" + whole + _event(last)[: 20 if last <= self.total else 0]


def _event(number: int) -> bytes:
    return f"id: {number}\ndata: {json.dumps({'n': number})}\n\n".encode()


@contextmanager
def serving(feed: Feed) -> Iterator[Feed]:
    """Serve events on the loopback interface."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            feed.ids.append(self.headers.get("Last-Event-ID", ""))
            feed.keys.append(self.headers.get("Authorization", ""))
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(feed.events(feed.ids[-1]))

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    feed.url = f"http://127.0.0.1:{server.server_port}/events"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield feed
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def listening(url: str, states: tuple[EndpointState, ...] = ()) -> Iterator[Listener]:
    """Return a listener with a clock that stands still."""
    wire = Fetcher(url, 20)
    endpoint = Endpoint("feed", adapter_of("stream"), key=lambda: "sk-canary-8")
    listener = Listener(endpoint, states, (wire.ask, wire.stream), lambda: NOON_MS, lambda: 0.5)
    try:
        yield listener
    finally:
        wire.close()


def told(listener: Listener, most: int) -> list[int]:
    """Listen until so many records came, or nothing more does; return their numbers."""
    found: list[int] = []
    for _ in range(most * 8):
        polled = listener.step()
        found += [row["n"] for row in polled.told.rows] if polled.told else []
        if len(found) >= most:
            break
    return found


def test_a_stream_that_is_cut_fifty_times_loses_and_doubles_nothing() -> None:
    with serving(Feed(total=153, each=3)) as feed, listening(feed.url) as listener:
        found = told(listener, 153)
        [state] = listener.states

    assert found == list(range(1, 154))
    assert len(feed.ids) == 51
    assert feed.ids[:3] == ["", "3", "6"]
    assert (state.error, state.failures, state.cursor) == ("", 0, "153")
    assert set(feed.keys) == {"Bearer sk-canary-8"}


def test_a_new_process_goes_on_behind_the_last_event_that_was_kept() -> None:
    with serving(Feed(total=9, each=4)) as feed:
        with listening(feed.url) as first:
            told(first, 4)
            states = first.states
        with listening(feed.url, states) as second:
            assert told(second, 5) == [5, 6, 7, 8, 9]

    assert feed.ids[1] == "4"


def test_each_record_carries_the_id_that_tells_it_from_all_others() -> None:
    with serving(Feed(total=2, each=2)) as feed, listening(feed.url) as listener:
        rows = [row for _ in range(2) for row in getattr(listener.step().told, "rows", ())]

    assert [row[NUMBER] for row in rows] == ["1", "2"]


@pytest.mark.parametrize(
    ("status", "kind", "words", "opens"),
    [
        (401, "text/event-stream", "the key is refused", True),
        (200, "text/html", "no stream of events", True),
        (503, "text/event-stream", "not available", False),
    ],
)
def test_what_is_no_stream_is_a_failure_like_any_other(
    server: EndpointServer, status: int, kind: str, words: str, opens: bool
) -> None:
    server.tell("/events", b"x", status=status, headers={"Content-Type": kind})
    with listening(f"{server.url}/events") as listener:
        state = listener.step().state

    assert words in state.error
    assert (state.state is PollState.OPEN) is opens


def test_a_stream_that_only_ends_is_asked_ever_more_seldom(server: EndpointServer) -> None:
    server.tell("/events", b"", headers={"Content-Type": "text/event-stream"})
    with listening(f"{server.url}/events") as listener:
        waits = [listener.step().state.next_ms - NOON_MS for _ in range(3)]

    assert waits == [5_000, 10_000, 20_000]


def test_events_that_are_no_records_are_counted(server: EndpointServer) -> None:
    body = b'data: [1]\n\ndata: {"n": 1}\n\ndata: hello\n\ndata: [DONE]\n\n'
    server.tell("/events", body, headers={"Content-Type": "text/event-stream"})
    with listening(f"{server.url}/events") as listener:
        polled = listener.step()

    assert polled.told is not None
    assert (len(polled.told.rows), polled.state.bad) == (1, 2)


def test_a_sign_of_life_under_its_own_name_is_no_broken_record(server: EndpointServer) -> None:
    body = (
        b"event: connected\ndata: 1795218651373\n\nevent: heartbeat\ndata: pulse\n\n"
        b'event: log\ndata: {"n": 1}\n\nevent: log\ndata: {"n"\n\ndata: hello\n\n'
    )
    server.tell("/events", body, headers={"Content-Type": "text/event-stream"})
    with listening(f"{server.url}/events") as listener:
        polled = listener.step()

    assert polled.told is not None
    assert (len(polled.told.rows), polled.state.bad) == (1, 2)
