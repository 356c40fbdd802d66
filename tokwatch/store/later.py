"""What lies between the end of a range and the end of its quarter of an hour.

Roll-ups know whole quarters: what came after a moment in the past is taken off again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import sub
from typing import Any

from msgspec.structs import replace

from tokwatch.model.units import OPEN_END_MS, QUARTER_MS
from tokwatch.model.usage import Slice
from tokwatch.store.connect import Row


def rest_of_quarter(part: Slice) -> Slice | None:
    """Return the time after a range in a quarter that counts for it; None where there is none.

    A quarter counts for the range in which it begins.
    """
    over_ms = part.until_ms % QUARTER_MS
    begin_ms = part.until_ms - over_ms
    if not over_ms or part.until_ms >= OPEN_END_MS or begin_ms < part.since_ms:
        return None
    return replace(part, since_ms=part.until_ms, until_ms=begin_ms + QUARTER_MS)


def without(rows: Sequence[Row], later: Iterable[Row], width: int) -> list[Row]:
    """Return sums without later ones; so many first columns name the group, empty ones go."""
    off: dict[tuple[Any, ...], Sequence[int]] = {  # names and numbers, as the database has them
        tuple(row[:width]): row[width:] for row in later
    }
    if not off:
        return list(rows)
    left = []
    for row in rows:
        group = tuple(row[:width])
        sums = row[width:] if group not in off else tuple(map(sub, row[width:], off[group]))
        if group not in off or any(sums):
            left.append((*group, *sums))
    return left
