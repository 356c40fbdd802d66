"""The polite poller: asks the parts of one endpoint in turn, one question at a time.

It has no clock, no chance and no wire of its own, and never waits: `due_ms` says when to `step`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from msgspec.structs import replace

from tokwatch import __version__
from tokwatch.gateways import breaker
from tokwatch.gateways.ask import (
    Adapter,
    Ask,
    BadAnswer,
    Gauge,
    Moment,
    NotOffered,
    Part,
    Reply,
    Told,
)
from tokwatch.gateways.keys import KeyTrouble
from tokwatch.gateways.refusal import Refusal, date_ms, refusal_of
from tokwatch.model.endpoint import CLOCK, EndpointState
from tokwatch.model.measure import Measure
from tokwatch.net import Fetched, NetError

MOST_ASKS: Final = 100
"""Questions in one poll: an endpoint that pages without end is left at that."""
MORE_S: Final = 1.0
"""Between two polls where the first one stopped in the middle."""
KEPT_BYTES: Final = 4 << 20
"""Answers that are kept to be confirmed by "not modified"."""
SAME_CLOCK_MS: Final = 2_000
NOTED_MS: Final = 55_000
"""A gauge is noted once a minute at most."""
NOTED_AGAIN_MS: Final = 5 * 60_000
"""One that does not change is noted this often."""
AGENT: Final = f"tokwatch/{__version__}"
JSON_SENT: Final = {"content-type": "application/json"}


class Fetch(Protocol):
    """Sends one question, by POST if it has a body; a NetError says that no answer came."""

    def __call__(
        self,
        path: str,
        query: tuple[tuple[str, str], ...],
        headers: Mapping[str, str],
        body: str = "",
        /,
    ) -> Fetched: ...


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint as it is configured; its key is asked for anew each time."""

    name: str
    adapter: Adapter
    key: Callable[[], str] = field(default=lambda: "", repr=False)
    interval_s: float | None = None
    days: int = 7
    only: tuple[str, ...] = ()
    model: str = ""
    """What is served, where growth names no model."""
    unfinished: Callable[[], tuple[str, ...]] = tuple
    """Returns the response ids that may be looked up now."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts that are polled."""
        parts = self.adapter.parts
        return tuple(part for part in parts if not self.only or part.name in self.only)

    def every_s(self, part: Part) -> float:
        """Return how often a part is polled."""
        return max(part.least_s, self.interval_s or part.every_s)


class Polled(NamedTuple):
    """What one step brought; the state's cursor is committed together with what was told."""

    state: EndpointState
    part: Part
    told: Told | None = None
    """None where nothing came, or nothing that is new."""
    measures: tuple[Measure, ...] = ()


@dataclass(slots=True)
class _Traffic:
    """What one step sent and got."""

    asked: int = 0
    bytes: int = 0
    unchanged: int = 0
    kept: dict[Ask, tuple[Mapping[str, str], Reply]] = field(default_factory=dict)


class Poller:
    """Knows how each part does; one thread at a time may use it."""

    def __init__(
        self,
        endpoint: Endpoint,
        states: Iterable[EndpointState],
        fetch: Fetch,
        clock_ms: Callable[[], int],
        chance: Callable[[], float],
    ) -> None:
        """Go on from what the store holds of its parts."""
        self.endpoint = endpoint
        known = {state.part: state for state in states}
        self._states = {
            part.name: known.get(part.name, EndpointState(endpoint.name, part.name))
            for part in endpoint.parts
        }
        self._parts = {part.name: part for part in endpoint.parts}
        self._fetch = fetch
        self._clock_ms = clock_ms
        self._chance = chance
        self._hold_ms = 0
        self._skew_ms = 0
        self._kept: dict[str, dict[Ask, tuple[Mapping[str, str], Reply]]] = {}
        self._noted: dict[tuple[str, str, str], tuple[float, int]] = {}
        self._asked = ""

    @property
    def states(self) -> tuple[EndpointState, ...]:
        """How each part does."""
        kind = self.endpoint.adapter.kind
        return tuple(replace(state, kind=kind) for state in self._states.values())

    @property
    def is_paused(self) -> bool:
        """Tell whether the user paused it."""
        return any(state.paused for state in self._states.values())

    def pause(self, is_paused: bool) -> None:
        """Stop asking, or go on."""
        for name, state in self._states.items():
            self._states[name] = replace(state, paused=is_paused)

    def retry(self) -> None:
        """Ask every part at once, whatever it is waiting for."""
        self._hold_ms = 0
        for name, state in self._states.items():
            self._states[name] = replace(state, next_ms=0)

    def due_ms(self) -> int | None:
        """Return when the next step is due; None while paused or without parts."""
        due = [self._due_ms(state) for state in self._states.values() if not state.paused]
        return max(min(due), self._hold_ms) if due else None

    def _due_ms(self, state: EndpointState) -> int:
        """Return when a part is due: at once where the clock was set back since it was asked."""
        now_ms = self._clock_ms()
        if state.tried_ms is not None and now_ms < state.tried_ms - SAME_CLOCK_MS:
            return now_ms
        return min(state.next_ms, now_ms + breaker.MOST_ASKED_MS)

    def step(self) -> Polled:
        """Poll the part that is due first."""
        name = min(self._states, key=lambda name: self._due_ms(self._states[name]))
        self._asked = name
        part, state = self._parts[name], breaker.before(self._states[name])
        traffic, now_ms = _Traffic(), self._clock_ms()
        told: Told | None = None
        try:
            headers = {"user-agent": AGENT, **self.endpoint.adapter.headers(self.endpoint.key())}
            told = self._ask_all(part, state, headers, traffic)
            every_s = MORE_S if told.more else self.endpoint.every_s(part)
            after = breaker.succeeded(state, self._clock_ms(), every_s, self._chance())
        except NotOffered as reason:
            after = breaker.not_offered(state, now_ms, str(reason))
        except (KeyTrouble, BadAnswer) as error:
            after = self._failed(state, Refusal(str(error), is_passing=False))
        except NetError as error:
            after = self._failed(state, Refusal(str(error), is_passing=True, is_whole=True))
        except Refusal as refusal:
            after = self._failed(state, refusal)
        if told is not None:
            told = None if traffic.asked == traffic.unchanged else self._named(told)
        after = self._counted(after, traffic, told)
        self._states[name] = after
        self._kept[name] = traffic.kept
        measures = self._measures((*(told.gauges if told else ()), *self._clock()), now_ms)
        return Polled(replace(after, kind=self.endpoint.adapter.kind), part, told, measures)

    def as_is(self) -> tuple[Polled, ...]:
        """Return how each part does, with nothing told."""
        return tuple(Polled(state, self._parts[state.part]) for state in self.states)

    def broke(self, error: Exception) -> Polled:
        """Return how the part does whose step failed in a way that nobody foresaw."""
        state = self._states[self._asked]
        after = self._failed(state, Refusal(f"unexpected {type(error).__name__}", is_passing=False))
        self._states[self._asked] = after
        kind = self.endpoint.adapter.kind
        return Polled(replace(after, kind=kind), self._parts[self._asked])

    def _named(self, told: Told) -> Told:
        """Name the configured model where growth names none."""
        model = self.endpoint.model
        if not model or not told.grown:
            return told
        grown = (one if one.model else one._replace(model=model) for one in told.grown)
        return replace(told, grown=tuple(grown))

    def _ask_all(
        self, part: Part, state: EndpointState, headers: Mapping[str, str], traffic: _Traffic
    ) -> Told:
        """Let the adapter ask until it has all that it wants."""
        now_ms = self._clock_ms()
        wanted = self.endpoint.unfinished() if part.wants_unfinished else ()
        moment = Moment(now_ms, now_ms + self._skew_ms, wanted)
        run = part.poll(moment, state.cursor, self.endpoint.days)
        try:
            ask = next(run)
            while traffic.asked < MOST_ASKS:
                ask = run.send(self._ask(part, ask, headers, traffic))
        except StopIteration as done:
            told: Told = done.value
            return told
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            raise BadAnswer("the answer is not of the known shape") from None
        finally:
            run.close()
        raise BadAnswer("the answer has pages without end")

    def _ask(self, part: Part, ask: Ask, headers: Mapping[str, str], traffic: _Traffic) -> Reply:
        """Send one question; an answer that did not change is the one of before."""
        conditions, before = self._kept.get(part.name, {}).get(ask, ({}, None))
        traffic.asked += 1
        sent_ms = self._clock_ms()
        sent = {**headers, **conditions, **(JSON_SENT if ask.body else {})}
        came = self._fetch(ask.path, ask.query, sent, ask.body)
        traffic.bytes += came.size
        self._note_clock(came, (sent_ms + self._clock_ms()) // 2)
        if came.status == 304 and before is not None:
            traffic.unchanged += 1
            traffic.kept[ask] = (conditions, before)
            return before
        if came.status == 404 and ask.may_lack:
            return Reply(b"", came.headers, is_there=False)
        if came.status != 200:
            raise refusal_of(came, self._clock_ms())
        reply = Reply(came.body, came.headers)
        validators = _conditions(came.headers)
        size = sum(len(kept.body) for _, kept in traffic.kept.values()) + len(reply.body)
        if validators and size <= KEPT_BYTES:
            traffic.kept[ask] = (validators, reply)
        return reply

    def _note_clock(self, came: Fetched, here_ms: int) -> None:
        there_ms = date_ms(came.headers.get("date", ""))
        if there_ms is not None:
            skew_ms = there_ms - here_ms
            self._skew_ms = 0 if abs(skew_ms) <= SAME_CLOCK_MS else skew_ms

    def _clock(self) -> tuple[Gauge, ...]:
        """Return by how much the endpoint's clock differs, and once that it does no more."""
        noted, _ = self._noted.get((CLOCK, "", ""), (0.0, 0))
        if not self._skew_ms and not noted:
            return ()
        return (Gauge(CLOCK, round(self._skew_ms / 1000), "s"),)

    def _failed(self, state: EndpointState, refusal: Refusal) -> EndpointState:
        after = breaker.failed(
            state,
            self._clock_ms(),
            str(refusal),
            self._chance(),
            is_passing=refusal.is_passing,
            asked_ms=refusal.asked_ms,
        )
        if refusal.is_whole:  # no other part would get an answer either
            self._hold_ms = after.next_ms
        return after

    def _counted(self, state: EndpointState, traffic: _Traffic, told: Told | None) -> EndpointState:
        state = replace(
            state,
            requests=state.requests + traffic.asked,
            bytes=state.bytes + traffic.bytes,
            unchanged=state.unchanged + traffic.unchanged,
        )
        if told is None:
            return state
        newest = [at_ms for at_ms in (state.newest_ms, told.newest_ms) if at_ms is not None]
        return replace(
            state,
            cursor=told.cursor,
            bad=state.bad + told.bad,
            newest_ms=max(newest, default=None),
        )

    def _measures(self, gauges: Iterable[Gauge], now_ms: int) -> tuple[Measure, ...]:
        """Return gauges that changed, or were not noted for a while."""
        found = []
        for gauge in gauges:
            what = (gauge.name, gauge.model, gauge.of)
            value, at_ms = self._noted.get(what, (None, 0))
            if now_ms - at_ms < (NOTED_AGAIN_MS if gauge.value == value else NOTED_MS):
                continue
            self._noted[what] = (gauge.value, now_ms)
            tags = {"endpoint": self.endpoint.name, "model": gauge.model, "of": gauge.of}
            told = tuple(sorted((tag, text) for tag, text in tags.items() if text))
            found.append(Measure(gauge.name, now_ms, gauge.value, gauge.unit, told, "endpoint"))
        return tuple(found)


def _conditions(headers: Mapping[str, str]) -> dict[str, str]:
    """Return what asks for an answer only if it is another one."""
    found = {}
    if tag := headers.get("etag"):
        found["if-none-match"] = tag
    if changed := headers.get("last-modified"):
        found["if-modified-since"] = changed
    return found
