"""A response cache, simulated: least recently used goes first, old answers expire."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tokwatch.model.repeats import Asked, Limits, Outcome


class _Stored(NamedTuple):
    """An answer in the cache."""

    at_ms: int
    answer: int
    size: int


class _Cache:
    """Answers by their keys, the one that was used longest ago first."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._stored: OrderedDict[int, _Stored] = OrderedDict()
        self._size = 0
        self.evicted_items = 0
        self.evicted_size = 0
        self.expired = 0

    def find(self, key: int, at_ms: int) -> _Stored | None:
        """Return what is stored under a key, which makes it the one used last."""
        found = self._stored.get(key)
        if found is None:
            return None
        ttl_ms = self._limits.ttl_ms
        if ttl_ms is not None and at_ms - found.at_ms >= ttl_ms:
            self._drop(key)
            self.expired += 1
            return None
        self._stored.move_to_end(key)
        return found

    def store(self, asked: Asked) -> None:
        """Store an answer, and drop others for it; one that is too large alone is not stored."""
        items, most = self._limits.items, self._limits.size
        if most is not None and asked.size > most:
            return
        self._stored[asked.key] = _Stored(asked.at_ms, asked.answer, asked.size)
        self._size += asked.size
        while items is not None and len(self._stored) > items:
            self._drop(next(iter(self._stored)))
            self.evicted_items += 1
        while most is not None and self._size > most:
            self._drop(next(iter(self._stored)))
            self.evicted_size += 1

    def _drop(self, key: int) -> None:
        self._size -= self._stored.pop(key).size


def simulated(requests: Iterable[Asked], limits: Limits) -> Outcome:
    """Return what a cache would have done with requests, the oldest of which come first.

    A failure is asked for like any other request, and its answer is never stored.
    """
    cache = _Cache(limits)
    count = hits = same = nano = tokens = 0
    for asked in requests:
        count += 1
        found = cache.find(asked.key, asked.at_ms)
        if found is not None:
            hits += 1
            same += found.answer == asked.answer
            nano += asked.nano
            tokens += asked.tokens
        elif not asked.is_failure:
            cache.store(asked)
    return Outcome(
        *(count, hits, same, nano, tokens, cache.expired),
        *(cache.evicted_items, cache.evicted_size),
    )


def by_size(
    requests: Sequence[Asked], sizes: Iterable[int], limits: Limits
) -> tuple[tuple[int, Outcome], ...]:
    """Return the outcome for each number of items, with the other limits as they are."""
    return tuple((items, simulated(requests, limits._replace(items=items))) for items in sizes)
