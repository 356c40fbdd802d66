"""The nouns of what-if: requests in bulk, as far as any price list tells them apart.

Frozen values that store, analysis and screen share; no I/O.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct

from tokwatch.model.event import ModelName


class Edges(Struct, frozen=True):
    """Where prices change, and where windows end: within them all requests are priced alike."""

    instants_ms: tuple[int, ...] = ()
    """A period begins at each, ascending."""
    tokens: tuple[int, ...] = ()
    """A prompt of more tokens is in the next band, ascending."""


class Bulk(NamedTuple):
    """All requests of one model in one period and band of prompt sizes."""

    model: ModelName
    since_ms: int
    """Begin of the period; 0 of the first one."""
    above: int
    """Their prompts have more tokens than this; -1 in the first band."""
    requests: int
    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    web_searches: int
    computed_nano: int
    unpriced: int
    """Tokens without a computed cost."""
    nano: int
    """The cost that counts."""
    missing: int
    """Tokens without one."""
    largest: int
    """The largest prompt of a single request."""


def gathered(bulks: Iterable[Bulk]) -> list[Bulk]:
    """Return the bulks of several stretches of time as one for each model, period and band."""
    sums: dict[tuple[ModelName, int, int], Bulk] = {}
    for bulk in bulks:
        known = sums.get(bulk[:3])
        if known is not None:
            added = (one + other for one, other in zip(known[3:-1], bulk[3:-1], strict=True))
            bulk = Bulk._make((*bulk[:3], *added, max(known.largest, bulk.largest)))
        sums[bulk[:3]] = bulk
    return [sums[key] for key in sorted(sums)]
