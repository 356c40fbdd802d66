"""Near-duplicates: requests that differ in a few words of their newest message."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tokwatch.model.repeats import KeyKind, Likeness, RequestKeys

MOST_BITS: Final = 6
"""Of 63: about two words of a hundred."""
BANDS: Final = 7
BAND_BITS: Final = 9
"""Sketches that differ in so few bits are equal in one of so many bands at least."""
LENGTHS: Final = 0.95
"""How much of the longer one's length the shorter one must have."""


def near_keys(kind: KeyKind, requests: Iterable[RequestKeys]) -> list[int]:
    """Return keys that near-duplicates share, the oldest request's first.

    A request is like an earlier one that is like no other: no chain leads from one to another that
    has little in common with it.
    """
    leaders: dict[tuple[int, int, int], list[tuple[Likeness, int]]] = {}
    known: dict[int, int] = {}
    found: list[int] = []
    for keys in requests:
        own, like = keys.of(kind), keys.likeness
        key = known.get(own)
        if key is None:
            key = own if like is None else _led(leaders, like, like.rest_of(kind), own)
            known[own] = key
        found.append(key)
    return found


def _led(
    leaders: dict[tuple[int, int, int], list[tuple[Likeness, int]]],
    like: Likeness,
    rest: int,
    own: int,
) -> int:
    """Return the key of an earlier request that is like this one, else let this one lead."""
    places = [
        (rest, band, like.sketch >> band * BAND_BITS & (1 << BAND_BITS) - 1)
        for band in range(BANDS)
    ]
    for place in places:
        for other, key in leaders.get(place, ()):
            if is_near(like, other):
                return key
    for place in places:
        leaders.setdefault(place, []).append((like, own))
    return own


def is_near(one: Likeness, other: Likeness) -> bool:
    """Tell whether two newest messages are nearly the same."""
    short, long = sorted((one.chars, other.chars))
    return (one.sketch ^ other.sketch).bit_count() <= MOST_BITS and short >= long * LENGTHS
