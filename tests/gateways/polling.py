"""A poller on a loopback endpoint, with a clock that only the test moves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tests.endpoint_server import NOON_MS, EndpointServer
from tokwatch.gateways.kinds import adapter_of
from tokwatch.gateways.poll import Endpoint, Polled, Poller
from tokwatch.gateways.stream import Listener
from tokwatch.model.endpoint import Bucket, EndpointState
from tokwatch.net import Fetcher

SILENT_S = 20.0


@dataclass
class Desk:
    """A poller with its wire and clock; the middle of every chance."""

    poller: Poller
    wire: Fetcher
    at_ms: int = NOON_MS
    got: list[Polled] = field(default_factory=list)

    def be_patient(self, seconds: float) -> None:
        """Wait so long for an answer."""
        self.wire.close()
        self.wire._silent_s = seconds

    def step(self) -> Polled:
        """Poll what is due first, at once."""
        self.got.append(self.poller.step())
        return self.got[-1]

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self.at_ms += int(seconds * 1000)

    def run(self, seconds: float) -> None:
        """Let time pass and poll whenever something is due."""
        until_ms = self.at_ms + int(seconds * 1000)
        for _ in range(10_000):
            due_ms = self.poller.due_ms()
            if due_ms is None or due_ms > until_ms:
                break
            self.at_ms = max(self.at_ms, due_ms)
            self.step()
        self.at_ms = until_ms

    @property
    def grown(self) -> list[Bucket]:
        """All growth that was told so far."""
        return [bucket for polled in self.got if polled.told for bucket in polled.told.grown]

    def state(self, part: str) -> EndpointState:
        """Return how a part does."""
        return next(state for state in self.poller.states if state.part == part)


def desk(
    server: EndpointServer,
    kind: str,
    only: Iterable[str] = (),
    *,
    path: str = "",
    states: Iterable[EndpointState] = (),
    endpoint: Endpoint | None = None,
) -> Desk:
    """Return a poller of a kind of endpoint on a server, which shares the desk's clock."""
    wire = Fetcher(server.url + path, SILENT_S, most_s=SILENT_S)
    server.at_end.append(wire.close)
    found: list[Desk] = []
    base = endpoint or Endpoint("box", adapter_of(kind))
    asked = replace(base, only=tuple(only))
    clock, chance = (lambda: found[0].at_ms), (lambda: 0.5)
    poller = (
        Listener(asked, states, (wire.ask, wire.stream), clock, chance)
        if kind == "stream"
        else Poller(asked, states, wire.ask, clock, chance)
    )
    found.append(Desk(poller, wire))
    server.clock_ms = lambda: found[0].at_ms
    return found[0]


def buckets(told: Desk) -> list[Bucket]:
    """Return the buckets of all polls."""
    return [bucket for polled in told.got if polled.told for bucket in polled.told.buckets]


def last_buckets(told: Desk) -> list[Bucket]:
    """Return the buckets that the last poll told."""
    polled = told.got[-1].told
    return list(polled.buckets) if polled else []
