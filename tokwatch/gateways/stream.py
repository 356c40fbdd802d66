"""A stream of server-sent events whose data are JSON records that a mapping reads.

A stream that is cut is taken up behind the last event that was written (Last-Event-ID).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from typing import Any, Final, Protocol

from msgspec.structs import replace

from tokwatch.gateways import breaker
from tokwatch.gateways.ask import Adapter, Ask, BadAnswer, Moment, Part, Poll, Told, bearer
from tokwatch.gateways.keys import KeyTrouble
from tokwatch.gateways.poll import AGENT, Endpoint, Fetch, Polled, Poller
from tokwatch.gateways.refusal import Refusal, refusal_of
from tokwatch.gateways.server_events import ServerEvent, ServerEvents
from tokwatch.model.endpoint import EndpointState
from tokwatch.net import Fetched, NetError

COME_BACK_S: Final = 3.0
"""After a stream was cut, unless the server says otherwise."""
LEAST_BACK_S: Final = 0.5
MOST_BACK_S: Final = 300.0
NUMBER: Final = "\0number"
"""Under this key a record carries what tells it from all others of its stream."""


class Open(Protocol):
    """Opens a stream; a NetError says that it broke off."""

    def __call__(
        self, path: str, query: tuple[tuple[str, str], ...], headers: dict[str, str], /
    ) -> AbstractContextManager[tuple[Fetched, Iterator[bytes]]]: ...


class Listener(Poller):
    """Listens to one stream: each step brings the events of the next piece that comes."""

    def __init__(
        self,
        endpoint: Endpoint,
        states: Iterable[EndpointState],
        wires: tuple[Fetch, Open],
        clock_ms: Callable[[], int],
        chance: Callable[[], float],
    ) -> None:
        """Go on behind the last event that the store knows of."""
        super().__init__(endpoint, states, wires[0], clock_ms, chance)
        self._listen = wires[1]
        self._line = ExitStack()
        self._pieces: Iterator[bytes] | None = None
        self._events = ServerEvents()
        self._came = False

    def step(self) -> Polled:
        """Wait for the next events, at most as long as a stream may be silent."""
        [part] = self.endpoint.parts
        self._asked = part.name
        state = self._states[part.name]
        told: Told | None = None
        try:
            if self._pieces is None:
                state = self._begin(breaker.before(state))
            told, size = self._next()
            after = breaker.succeeded(state, self._clock_ms(), 0, self._chance())
            after = replace(after, bytes=after.bytes + size)
        except (NetError, StopIteration) as error:
            after = self._cut(state, str(error) or "the stream ended")
        except (BadAnswer, KeyTrouble) as error:
            after = self._failed(state, Refusal(str(error), is_passing=False))
        except Refusal as refusal:
            after = self._failed(state, refusal)
        if after.error or told is None:
            self._hang_up()
        if told is not None:
            newest_ms = self._clock_ms() if told.rows else after.newest_ms
            after = replace(
                after, cursor=told.cursor, bad=after.bad + told.bad, newest_ms=newest_ms
            )
        self._states[part.name] = after
        fresh = told if told is not None and (told.rows or told.bad) else None
        return Polled(replace(after, kind=self.endpoint.adapter.kind), part, fresh)

    def _begin(self, state: EndpointState) -> EndpointState:
        headers = {"user-agent": AGENT, **self.endpoint.adapter.headers(self.endpoint.key())}
        headers |= {"accept": "text/event-stream", "cache-control": "no-store"}
        if state.cursor:
            headers["last-event-id"] = state.cursor
        head, pieces = self._line.enter_context(self._listen("", (), headers))
        if head.status != 200:
            raise refusal_of(head, self._clock_ms())
        if not head.headers.get("content-type", "").startswith("text/event-stream"):
            raise BadAnswer("the answer is no stream of events")
        self._pieces, self._came = pieces, False
        self._events = ServerEvents(state.cursor)
        return replace(state, requests=state.requests + 1, bytes=state.bytes + head.size)

    def _next(self) -> tuple[Told, int]:
        assert self._pieces is not None
        piece = next(self._pieces)
        self._came = True
        events = self._events.feed(piece)
        return told_of(events, self._events.last_id, str(self._clock_ms())), len(piece)

    def _cut(self, state: EndpointState, words: str) -> EndpointState:
        """Return the state after a stream broke off: no failure where it had told something."""
        if not self._came:
            return self._failed(state, Refusal(words, is_passing=True, is_whole=True))
        asked_ms = self._events.retry_ms
        wait_s = COME_BACK_S if asked_ms is None else asked_ms / 1000
        wait_s = min(MOST_BACK_S, max(LEAST_BACK_S, wait_s))
        self._came = False
        return breaker.succeeded(state, self._clock_ms(), wait_s, self._chance())

    def _hang_up(self) -> None:
        self._pieces = None
        line, self._line = self._line, ExitStack()
        with suppress(NetError):  # it had broken off already
            line.close()


def told_of(events: Iterable[ServerEvent], last_id: str, now: str) -> Told:
    """Return the records of events, each under a number of its own: its event's id, if it has one.

    `now` tells apart what has none.
    """
    rows: list[dict[str, Any]] = []
    bad = 0
    for count, event in enumerate(events):
        try:
            record = json.loads(event.data)
        except (ValueError, RecursionError):
            record = None
        if isinstance(record, dict):
            rows.append({**record, NUMBER: event.id or f"{now} {count}"})
        else:
            bad += not _is_sign(event)
    return Told(cursor=last_id, rows=tuple(rows), bad=bad)


def _is_sign(event: ServerEvent) -> bool:
    """Tell whether an event is no record at all: the end, or a sign of life under its own name."""
    is_named = event.kind not in ("", "message") and event.data[:1] not in "{["
    return is_named or event.data == "[DONE]"


def _nothing(moment: Moment, cursor: str, days: int) -> Poll:
    """Stand where other kinds have a poll: a stream is listened to."""
    yield Ask("")
    return Told()


ADAPTER: Final = Adapter(
    "stream",
    "stream of records",
    (Part("events", 1, 1, _nothing, "mapping", help="each record, as a mapping reads it"),),
    bearer,
)
