"""Readings of sessions that are at work: cost, context, cache, turns without the user, loops."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, partial
from heapq import heappop, heappush
from math import isnan, nan
from typing import Final

from msgspec import Struct, field

from tokwatch.analysis.alerting.chains import ChainTrack
from tokwatch.analysis.alerting.judge import Reading, Whose
from tokwatch.analysis.context import Windows
from tokwatch.model.alert_facts import (
    NO_TOTAL,
    NO_TURN,
    SessionKey,
    SessionTotal,
    TurnSoFar,
    WatchedRequest,
)
from tokwatch.model.units import NANO

LIVE_MS: Final = 60 * 60_000
"""A session without a request for so long is not looked at."""
AGENT_MS: Final = 10 * 60_000
"""Nor a sub-agent after so long: most end without a word."""
BURN_MS: Final = 5 * 60_000
STILL_MS: Final = 30_000
"""A session of which nothing came is looked at again after so long at most."""
SPREAD_MS: Final = 137
LONGEST_PERIOD: Final = 3
"""Calls that come round in turns of so many are a loop too."""


class SessionTrack(Struct):
    """What is known of one session."""

    chains: dict[str, ChainTrack] = field(default_factory=dict)
    """By agent."""
    total: SessionTotal = NO_TOTAL
    turn: TurnSoFar = NO_TURN
    costs: list[tuple[int, int, int]] = field(default_factory=list)
    """(Instant, key, nano-dollars) of the last minutes."""
    models: dict[str, None] = field(default_factory=dict)
    kinds: dict[str, None] = field(default_factory=dict)
    last_ms: int = 0

    def take(self, request: WatchedRequest) -> None:
        """Take a request."""
        cached = request.cached
        chain = self.chains.get(cached.agent)
        if chain is None:
            chain = self.chains[cached.agent] = ChainTrack(_none(request))
        chain.take(request)
        self.models[cached.model] = None
        self.kinds[request.kind] = None
        self.costs = [one for one in self.costs if one[1] != cached.key]
        self.costs.append((cached.instant_ms, cached.key, request.nano))
        self.last_ms = max(self.last_ms, cached.instant_ms)


def _none(request: WatchedRequest) -> WatchedRequest:
    """Return what stands before the first request of an agent: nothing, and earlier."""
    return request._replace(cached=request.cached._replace(key=-1, instant_ms=-1))


class Sessions(Struct):
    """Every session that is at work."""

    windows: Windows = field(default_factory=Windows)
    tracks: dict[SessionKey, SessionTrack] = field(default_factory=dict)
    _read: dict[SessionKey, Reading] = field(default_factory=dict)
    _stale: dict[SessionKey, None] = field(default_factory=dict)
    """Whose reading is to be made anew."""
    _due: list[tuple[int, int, SessionKey, Reading]] = field(default_factory=list)
    """A heap of readings by when they may be others though nothing came; numbered."""
    _made: int = 0
    """Readings so far."""

    def take(self, requests: Iterable[WatchedRequest]) -> list[SessionKey]:
        """Take requests and return whose they are."""
        changed: dict[SessionKey, None] = {}
        for request in sorted(requests, key=lambda one: (one.cached.instant_ms, one.cached.key)):
            self.tracks.setdefault(request.session, SessionTrack()).take(request)
            changed[request.session] = None
        self._stale |= changed
        return list(changed)

    def tell(
        self,
        totals: Mapping[SessionKey, SessionTotal],
        turns: Mapping[SessionKey, TurnSoFar],
    ) -> None:
        """Take what the store knows of sessions beside their requests."""
        for key, total in totals.items():
            if key in self.tracks and self.tracks[key].total != total:
                self.tracks[key].total = total
                self._stale[key] = None
        for key, turn in turns.items():
            if key in self.tracks and self.tracks[key].turn != turn:
                self.tracks[key].turn = turn
                self._stale[key] = None

    def readings(self, at_ms: int) -> list[Reading]:
        """Return a reading of each session at work; those that ended are forgotten."""
        while self._due and self._due[0][0] <= at_ms:
            _, _, key, reading = heappop(self._due)
            if self._read.get(key) is reading:  # it was not made anew since
                self._stale[key] = None
        for key in self._stale:
            track = self.tracks[key]
            if track.last_ms <= at_ms - LIVE_MS:
                del self.tracks[key]
                self._read.pop(key, None)
            else:
                # Within so long nothing of it changes by the clock alone but what can wait.
                reading = self._read[key] = self._reading(key, track, at_ms)
                self._made += 1
                # Not all at once: those that were read together come due one after the other.
                due_ms = at_ms + STILL_MS - self._made * SPREAD_MS % (STILL_MS // 2)
                heappush(self._due, (due_ms, self._made, key, reading))
        self._stale.clear()
        return list(self._read.values())

    def _reading(self, key: SessionKey, track: SessionTrack, at_ms: int) -> Reading:
        track.costs = [one for one in track.costs if one[0] > at_ms - BURN_MS]
        chains = [
            chain
            for agent, chain in track.chains.items()
            if not agent or chain.last.cached.instant_ms > at_ms - AGENT_MS
        ]
        dropped = _dropped(chains)
        fullest = _fullest(chains, self.windows)
        broken = _broken(chains, at_ms)
        values = {
            "session_cost_usd": track.total.nano / NANO,
            "session_tokens": float(track.total.tokens),
            "session_burn_usd_per_hour": sum(one[2] for one in track.costs)
            * (3_600_000 // BURN_MS)
            / NANO,
            **fullest[0],
            **dropped[0],
            **broken[0],
            "turn_requests": float(track.turn.requests),
            "turn_cost_usd": track.turn.nano / NANO,
            "loop_calls": float(loop_calls(track.turn.calls)),
        }
        by_measure = {
            "context_share": fullest[1],
            "session_cache_drop": dropped[1],
            "session_cache_hit_rate": dropped[1],
            "rewritten_tokens": broken[1],
            "rewritten_usd": broken[1],
            "loop_calls": (track.turn.call_key,) if track.turn.call_key else (),
        }
        newest = max(track.chains.values(), key=lambda chain: chain.last.cached.instant_ms)
        last = newest.last.cached
        evidence = partial(_evidence, by_measure, track.costs, last.key)
        whose = Whose(last.project, tuple(track.models), tuple(track.kinds), newest.last.user)
        return Reading(
            f"session {key[0]}/{key[1]}", label_of(key[1], last.project), values, evidence, whose
        )


@lru_cache(maxsize=1024)
def label_of(session: str, project: str) -> str:
    """Return how a session is called in a title: short, and never by a prompt."""
    place = project.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return " · ".join(part for part in (session[:8], place) if part)


Found = tuple[dict[str, float], tuple[int, ...]]
"""Measures, and what they rest on."""


def _dropped(chains: Sequence[ChainTrack]) -> Found:
    """Return the hit rate of the agent whose has fallen furthest."""
    rates = [(*chain.hit_rates(), chain) for chain in chains]
    known = [one for one in rates if not isnan(one[0])]
    if not known:
        return {"session_cache_hit_rate": nan, "session_cache_drop": nan}, ()
    newest, before, chain = max(known, key=lambda one: (_points(one[0], one[1]), -one[0]))
    drop = nan if isnan(before) else (before - newest) * 100
    return {"session_cache_hit_rate": newest, "session_cache_drop": drop}, chain.misses()


def _points(newest: float, before: float) -> float:
    return -1.0 if isnan(before) else before - newest


def _fullest(chains: Sequence[ChainTrack], windows: Windows) -> Found:
    shares = [(chain.context_share(windows), chain.last.cached.key) for chain in chains]
    known = [one for one in shares if not isnan(one[0])]
    share, key = max(known, default=(nan, 0))
    return {"context_share": share}, (key,) if key else ()


def _broken(chains: Sequence[ChainTrack], at_ms: int) -> Found:
    breaks = [found for chain in chains if (found := chain.worst_break(at_ms))]
    if not breaks:
        return {"rewritten_tokens": 0.0, "rewritten_usd": 0.0}, ()
    worst = max(breaks, key=lambda one: one.rewritten)
    lost = nan if worst.lost_nano is None else worst.lost_nano / NANO
    others = sorted(breaks, key=lambda one: -one.rewritten)
    told = {"rewritten_tokens": float(worst.rewritten), "rewritten_usd": lost}
    return told, tuple(one.key for one in others)


def _evidence(
    by_measure: Mapping[str, tuple[int, ...]],
    costs: Sequence[tuple[int, int, int]],
    last: int,
    measure: str,
) -> tuple[int, ...]:
    """Return what a measure rests on: its own requests, else the newest and the costliest."""
    dearest = sorted(costs, key=lambda one: -one[2])
    keys = by_measure.get(measure) or (last, *(one[1] for one in dearest))
    return tuple(dict.fromkeys(keys))


@lru_cache(maxsize=256)
def loop_calls(calls: tuple[int, ...]) -> int:
    """Return how often the last tool calls came round again: alone, or in turns of two or three."""
    most = 1 if calls else 0
    for period in range(1, LONGEST_PERIOD + 1):
        same = 0
        while same + period < len(calls) and calls[-1 - same] == calls[-1 - same - period]:
            same += 1
        if same >= period:
            most = max(most, (same + period) // period)
    return most
