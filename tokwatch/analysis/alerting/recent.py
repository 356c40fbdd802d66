"""The requests of the last hour, summed up by the minute for each part of use that a rule names."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from heapq import nlargest
from math import nan
from typing import Final

from msgspec import Struct, field

from tokwatch.analysis.alerting.judge import MOST_EVENTS, Whose, is_within
from tokwatch.analysis.cache_breaks import prompt_of
from tokwatch.model.alert_facts import EVERYTHING, Narrow, WatchedRequest
from tokwatch.model.units import MINUTE_MS

HOUR_MINUTES: Final = 60


class Sums(Struct):
    """What the requests of one minute come to."""

    nano: int = 0
    tokens: int = 0
    requests: int = 0
    read: int = 0
    known_prompt: int = 0

    def add(self, request: WatchedRequest, sign: int) -> None:
        """Count a request, or take it back."""
        cached = request.cached
        prompt = prompt_of(cached)
        self.nano += sign * request.nano
        self.tokens += sign * (prompt + request.output)
        self.requests += sign * cached.requests
        if cached.cache_read is not None:
            self.read += sign * cached.cache_read
            self.known_prompt += sign * prompt


class HourSums(Struct, frozen=True):
    """What the last hour comes to, with its last minutes apart."""

    nano: int
    tokens: int
    requests: int
    read: int
    known_prompt: int
    burn_nano: int
    """Of the last minutes, as an hour would cost."""
    minute_tokens: int

    @property
    def hit_rate(self) -> float:
        """Cache reads over prompt tokens; no number where nothing is known."""
        return self.read / self.known_prompt if self.known_prompt else nan


class Recent(Struct):
    """Every request of the last hour once, as it was told last."""

    narrows: tuple[Narrow, ...] = (EVERYTHING,)
    requests: dict[int, WatchedRequest] = field(default_factory=dict)
    _order: deque[tuple[int, int]] = field(default_factory=deque)
    """(Instant, key) in the order of arrival."""
    _minutes: dict[Narrow, dict[int, Sums]] = field(default_factory=dict)

    def take(self, told: Iterable[WatchedRequest], at_ms: int) -> list[WatchedRequest]:
        """Take requests, new or told anew, and return those that are not as they were."""
        changed: list[WatchedRequest] = []
        for request in told:
            key = request.cached.key
            before = self.requests.get(key)
            if before == request:
                continue
            if before is not None:
                self._count(before, -1)
            else:
                self._order.append((request.cached.instant_ms, key))
            self.requests[key] = request
            self._count(request, 1)
            changed.append(request)
        self._forget(at_ms)
        return changed

    def _count(self, request: WatchedRequest, sign: int) -> None:
        minute = request.cached.instant_ms // MINUTE_MS
        for narrow in self.narrows:
            if narrow == EVERYTHING or is_within(whose(request), narrow):
                minutes = self._minutes.setdefault(narrow, {})
                minutes.setdefault(minute, Sums()).add(request, sign)

    def _forget(self, at_ms: int) -> None:
        """Drop what is older than an hour, in the order in which it came."""
        since_ms = at_ms - HOUR_MINUTES * MINUTE_MS
        while self._order and self._order[0][0] < since_ms:
            self.requests.pop(self._order.popleft()[1], None)
        first = since_ms // MINUTE_MS
        for minutes in self._minutes.values():
            for old in [minute for minute in minutes if minute < first]:
                del minutes[old]

    def hour(self, narrow: Narrow, at_ms: int, burn_minutes: int = 5) -> HourSums:
        """Return what the last hour comes to, to the minute."""
        now = at_ms // MINUTE_MS
        totals = [0, 0, 0, 0, 0]
        burn = tokens = 0
        for minute, sums in self._minutes.get(narrow, {}).items():
            if now - HOUR_MINUTES < minute <= now:
                totals[0] += sums.nano
                totals[1] += sums.tokens
                totals[2] += sums.requests
                totals[3] += sums.read
                totals[4] += sums.known_prompt
            if now - burn_minutes < minute <= now:
                burn += sums.nano
            if now - 1 <= minute <= now:
                tokens = max(tokens, sums.tokens)
        nano, everything, requests, read, known = totals
        burn_nano = burn * 60 // burn_minutes
        return HourSums(nano, everything, requests, read, known, burn_nano, tokens)

    def costliest(self, narrow: Narrow, since_ms: int) -> tuple[int, ...]:
        """Return the costliest requests since an instant, or where nothing has a price the largest.

        The first one is where to look.
        """
        inside = [
            one
            for one in self.requests.values()
            if one.cached.instant_ms >= since_ms
            and (narrow == EVERYTHING or is_within(whose(one), narrow))
        ]
        return keys_of(nlargest(MOST_EVENTS, inside, key=_weight))

    def worst_read(self, narrow: Narrow) -> tuple[int, ...]:
        """Return the requests that read least from the cache, by tokens."""
        inside = [
            one
            for one in self.requests.values()
            if one.cached.cache_read is not None
            and (narrow == EVERYTHING or is_within(whose(one), narrow))
        ]
        return keys_of(nlargest(MOST_EVENTS, inside, key=_missed))


def _weight(one: WatchedRequest) -> tuple[int, int, int]:
    return one.nano, prompt_of(one.cached) + one.output, one.cached.key


def _missed(one: WatchedRequest) -> tuple[int, int]:
    return prompt_of(one.cached) - (one.cached.cache_read or 0), one.cached.key


def keys_of(requests: Sequence[WatchedRequest]) -> tuple[int, ...]:
    """Return the event keys of requests."""
    return tuple(one.cached.key for one in requests)


def whose(request: WatchedRequest) -> Whose:
    """Return what a request can be narrowed by."""
    cached = request.cached
    return Whose(cached.project, (cached.model,), (request.kind,), request.user)
