"""What an agent's last requests tell: its cache hit rate, its breaks, its context."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from math import nan
from typing import Final

from msgspec import Struct, field

from tokwatch.analysis.cache_breaks import after, break_of, is_single, prompt_of
from tokwatch.analysis.context import Prompted, Windows, window_size
from tokwatch.model.alert_facts import WatchedRequest
from tokwatch.model.caching import AVOIDABLE, Break, Cause, Chain, Warm

NEWEST: Final = 10
BEFORE: Final = 30
LEAST_BEFORE: Final = 10
"""Requests that tell the hit rate of the moment, and those before them."""
SEEN: Final = 3
"""Numbers that are kept of each."""
BREAK_MS: Final = 15 * 60_000
COLD: Final = frozenset((Cause.FIRST, Cause.IDLE, Cause.COMPACTION))
"""Requests that no cache could have served say nothing of how well it works."""
NO_COMPACTIONS: Final[Mapping[Chain, tuple[int, ...]]] = {}


class ChainTrack(Struct):
    """One agent's requests, one after the other."""

    last: WatchedRequest
    largest: int = 0
    before_last: Warm | None = None
    warm: Warm | None = None
    seen: array[int] = field(default_factory=lambda: array("q"))
    """Key, prompt and read of each that a cache could have served, as far as that is known: in one
    row, since a thousand agents have forty each.
    """
    breaks: list[Break] = field(default_factory=list)

    def take(self, request: WatchedRequest) -> None:
        """Take the next request, or the last one as it is told anew."""
        cached = request.cached
        if cached.key == self.last.cached.key:
            self.warm = self.before_last
            if self.seen and self.seen[-SEEN] == cached.key:
                del self.seen[-SEEN:]
            if self.breaks and self.breaks[-1].key == cached.key:
                self.breaks.pop()
        elif cached.instant_ms < self.last.cached.instant_ms:
            return  # told late: what came after it has been judged already
        self.before_last = self.warm
        found = break_of(self.warm, cached, NO_COMPACTIONS)
        if found is not None and found.cause in AVOIDABLE:
            self.breaks.append(found)
        self.warm = after(self.warm, cached)
        prompt = prompt_of(cached)
        is_told = cached.cache_read is not None and prompt and is_single(cached)
        if is_told and (found is None or found.cause not in COLD):
            self.seen.extend((cached.key, prompt, cached.cache_read or 0))
            del self.seen[: -(NEWEST + BEFORE) * SEEN]
        if is_single(cached):
            self.largest = max(self.largest, prompt)
        self.last = request

    def hit_rates(self) -> tuple[float, float]:
        """Return the cache hit rate of the newest requests and of those before; or no numbers."""
        newest, before = self.seen[-NEWEST * SEEN :], self.seen[: -NEWEST * SEEN]
        if len(newest) < NEWEST * SEEN:
            return nan, nan
        return _rate(newest), _rate(before) if len(before) >= LEAST_BEFORE * SEEN else nan

    def misses(self) -> tuple[int, ...]:
        """Return which of the newest requests read least, the most telling first."""
        newest = self.seen[-NEWEST * SEEN :]
        told = zip(newest[0::SEEN], newest[1::SEEN], newest[2::SEEN], strict=True)
        return tuple(key for key, _, _ in sorted(told, key=lambda one: one[2] - one[1]))

    def context_share(self, windows: Windows) -> float:
        """Return how full its window is after its last request."""
        cached = self.last.cached
        if not is_single(cached) or not prompt_of(cached):
            return nan
        last = self.last
        told = (cached.source, last.path, last.provider, cached.model, last.window, self.largest)
        return prompt_of(cached) / window_size(Prompted(*told), windows)[0]

    def worst_break(self, at_ms: int) -> Break | None:
        """Return the largest break of the last minutes."""
        if not self.breaks:
            return None
        self.breaks = [one for one in self.breaks if one.at_ms > at_ms - BREAK_MS]
        return max(self.breaks, key=lambda one: one.rewritten, default=None)


def _rate(seen: array[int]) -> float:
    return sum(seen[2::SEEN]) / sum(seen[1::SEEN])
