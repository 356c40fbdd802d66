"""A thread for each configured endpoint, which asks; what it brings is written by its owner."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from tokwatch.config import Config
from tokwatch.gateways.keys import key_of
from tokwatch.gateways.kinds import adapter_of
from tokwatch.gateways.poll import Endpoint, Polled, Poller
from tokwatch.model.endpoint import EndpointState
from tokwatch.net import Fetcher

if TYPE_CHECKING:
    from tokwatch.config.endpoints import EndpointTable
    from tokwatch.ingest.unfinished import UnfinishedResponses

REST_S: Final = 60.0
"""A thread looks at least this often whether its endpoint is due: clocks may be set."""
STREAM_SILENT_S: Final = 60.0
"""A stream that sends nothing, not even a sign of life, for so long is opened anew."""
ASIDE_S: Final = 0.25
"""What an answer in flight is waited for at the end; it is asked for again next time."""


def endpoints_of(config: Config) -> dict[str, Endpoint]:
    """Return the endpoints that are configured and switched on, by name."""
    return {name: endpoint_of(config, name) for name, it in config.endpoint.items() if it.on}


def endpoint_of(config: Config, name: str) -> Endpoint:
    """Return an endpoint as it is configured."""
    table = config.endpoint[name]
    return Endpoint(
        name=name,
        adapter=adapter_of(table.kind or ""),
        key=lambda: key_of(table.key),
        interval_s=table.interval_seconds,
        days=table.days,
        only=table.only,
        model=table.model,
        unfinished=_unfinished(config, table),
    )


def _unfinished(config: Config, table: EndpointTable) -> Callable[[], tuple[str, ...]]:
    """Return what tells the ids that may be looked up; the store is opened when it is asked."""
    known: list[UnfinishedResponses] = []

    def told() -> tuple[str, ...]:
        from tokwatch.ingest.unfinished import UnfinishedResponses

        if not known:
            known.append(UnfinishedResponses(config, table.days))
        return known[0].since(now_ms())

    return told


def wire_of(table: EndpointTable) -> Fetcher:
    """Return what sends questions to a configured endpoint; streams may be silent for longer."""
    silent_s = max(table.timeout_seconds, STREAM_SILENT_S) if table.mapping else None
    return Fetcher(table.address, silent_s or table.timeout_seconds)


def poller_of(endpoint: Endpoint, states: Iterable[EndpointState], wire: Fetcher) -> Poller:
    """Return what polls an endpoint, or listens, from where the store says that it goes on."""
    own = [state for state in states if state.name == endpoint.name]
    if endpoint.adapter.kind == "stream":
        from tokwatch.gateways.stream import Listener

        return Listener(endpoint, own, (wire.ask, wire.stream), now_ms, random.random)
    return Poller(endpoint, own, wire.ask, now_ms, random.random)


class PollThreads:
    """The threads that ask; whoever owns this takes what they bring, and writes it."""

    def __init__(
        self, config: Config, states: Iterable[EndpointState], came: Callable[[], None]
    ) -> None:
        """Prepare to ask every configured endpoint; `came` is called after each answer."""
        self._came = came
        self._stop = threading.Event()
        self._answers: queue.SimpleQueue[Polled] = queue.SimpleQueue()
        known = list(states)
        self._asking = [
            _Asking(poller_of(endpoint, known, wire), wire, self._bring)
            for name, endpoint in endpoints_of(config).items()
            for wire in (wire_of(config.endpoint[name]),)
        ]

    @property
    def states(self) -> tuple[EndpointState, ...]:
        """How every part of every endpoint does."""
        return tuple(state for asking in self._asking for state in asking.poller.states)

    def start(self) -> None:
        """Begin to ask."""
        for asking in self._asking:
            asking.start()

    def stop(self) -> None:
        """End; an answer in flight is not waited for."""
        for asking in self._asking:
            asking.end()
        for asking in self._asking:
            asking.join(ASIDE_S)

    def retry(self) -> None:
        """Ask everything at once, also what the circuit breaker keeps back."""
        for asking in self._asking:
            asking.tell(lambda poller: poller.retry())

    def pause(self, name: str) -> None:
        """Stop asking an endpoint, or go on."""
        for asking in self._asking:
            if asking.poller.endpoint.name == name:
                asking.tell(lambda poller: poller.pause(not poller.is_paused))

    def take(self) -> list[Polled]:
        """Return what came since the last call, in order."""
        found: list[Polled] = []
        with suppress(queue.Empty):
            while True:
                found.append(self._answers.get_nowait())
        return found

    def _bring(self, polled: Polled) -> None:
        self._answers.put(polled)
        self._came()


class _Asking:
    """The thread of one endpoint: at most one question is under way."""

    def __init__(self, poller: Poller, wire: Fetcher, bring: Callable[[Polled], None]) -> None:
        self.poller = poller
        self._wire = wire
        self._bring = bring
        self._told: queue.SimpleQueue[Callable[[Poller], None]] = queue.SimpleQueue()
        self._wake = threading.Event()
        self._stop = threading.Event()
        name = f"endpoint-{poller.endpoint.name}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._wake.set()

    def join(self, seconds: float) -> None:
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def tell(self, what: Callable[[Poller], None]) -> None:
        """Let the poller do something between two questions."""
        self._told.put(what)
        self._wake.set()

    def _obey(self) -> None:
        """Do what was told meanwhile, and bring the states that it led to."""
        with suppress(queue.Empty):
            while True:
                self._told.get_nowait()(self.poller)
                for polled in self.poller.as_is():
                    self._bring(polled)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._obey()
            due_ms = self.poller.due_ms()
            rest_s = REST_S if due_ms is None else (due_ms - now_ms()) / 1000
            if rest_s > 0:
                self._wake.wait(min(rest_s, REST_S))
                self._wake.clear()
                continue
            try:
                polled = self.poller.step()
            except Exception as error:  # a source's loop: shown, tried again later
                polled = self.poller.broke(error)
            self._bring(polled)
        self._wire.close()


def now_ms() -> int:
    """Return now, UTC."""
    return time.time_ns() // 1_000_000
