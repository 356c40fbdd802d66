"""Finds which request an answer is of, where a log tells both apart: by their order and times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def paired(begun_ms: Sequence[int], ended_ms: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the places of what began and what ended together; both are in the order of time.

    As many of each belong together one by one; else what ended is of the last that had begun.
    """
    if len(begun_ms) == len(ended_ms):
        yield from ((place, place) for place in range(len(begun_ms)))
        return
    first = 0
    for end, at_ms in enumerate(ended_ms):
        last = first
        while last < len(begun_ms) and begun_ms[last] <= at_ms:
            last += 1
        if last > first:
            yield last - 1, end
            first = last
