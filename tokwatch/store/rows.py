"""Rows of the staging table: sightings with row ids for names, the number of copies, and a cost.

The work is done by quick_rows.pyx where that is compiled, and here where it is not; both give the
same rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from tokwatch.model.event import Grade, ModelName, Scope, Sighting
from tokwatch.store.dimensions import Dimensions
from tokwatch.store.merge import Counted
from tokwatch.store.pricing import RateCards, Rates, nano_of

try:
    from tokwatch.store import quick_rows as quick_rows
except ImportError:  # there was no compiler when tokwatch was installed
    quick_rows = None  # type: ignore[assignment]

FORM: Final = 2
COMPILED: Final = quick_rows is not None and quick_rows.FORM == FORM
"""Whether the compiled module is there, and of these sources."""

_Known = int | None
# fmt: off
Priced = tuple[
    int, int, int, int, int, int, int, _Known, _Known, _Known, _Known, _Known, _Known, int,
    _Known, _Known, int, int, int, int, int, _Known,
]
# fmt: on
"""A row of the staging table: a sighting with the number of its copies and its cost."""

Told = Iterable[tuple[Iterable[Sighting], int]]
"""The sightings of logs, each with its log's row id."""

Parted = tuple[list[Priced], list[Priced], dict[int, int]]
"""Rows that are not contested, rows that are, and the instant of the first request of which only
that log tells, by log."""


Packed = list[tuple[tuple[int, ...], list[tuple[_Known, ...]], list[tuple[_Known, ...]]]]
"""Which places of their rows are left out since they are None, values of so many rows in one tuple
each, and the rest by row."""


def plain_rows_of(told: Told, salt: int, dimensions: Dimensions, cards: RateCards) -> list[Priced]:
    """Return sightings as rows; `salt` is what the workspace's keys are mixed with."""
    rows: list[Priced] = []
    of_scope: Scope | None = None
    of_model: ModelName | None = None
    scope_id = model_id = 0
    rates: tuple[Rates, ...] = ()
    for sightings, log in told:
        for found in sightings:
            (
                key, at_ms, first_ms, scope, model, requests, fresh, read, short, long, output,
                reasoning, searches, logged, window, grade, final, copied, offset,
            ) = found  # fmt: skip
            # By identity: neighbours share these objects, and hashing names costs more.
            if scope is not of_scope:
                of_scope, scope_id = scope, dimensions.scope_id(scope)
            if model is not of_model:
                of_model, model_id = model, dimensions.model_id(model)
                rates = cards.of(model_id)
            nano = nano_of(
                rates, at_ms, grade, requests, fresh, read, short, long, output, searches
            )
            rows.append(
                (
                    key ^ salt, log, at_ms, first_ms, scope_id, model_id, requests, fresh, read,
                    short, long, output, reasoning, searches, logged, window, grade, final,
                    copied, offset, 1, nano,
                )
            )  # fmt: skip
    return rows


def plain_told_again(rows: Sequence[Priced], seen: set[int]) -> set[int]:
    """Return the keys that were seen before or are ghosts', and see all of them."""
    keys = [row[0] for row in rows]
    again = seen.intersection(keys)
    again.update(row[0] for row in rows if row[_GRADE] == _GHOST)
    if len(set(keys)) < len(keys):
        again.update(key for key, number in Counter(keys).items() if number > 1)
    seen.update(keys)
    return again


def plain_parted(rows: Sequence[Priced], contested: set[int]) -> Parted:
    """Part rows by whether their requests are contested."""
    rest = [row for row in rows if row[0] not in contested]
    earliest: dict[int, int] = {}
    for row in rest:
        log, first_ms = row[1], row[3]
        if row[_GRADE] == _RECORD:
            earliest[log] = min(first_ms, earliest.get(log, first_ms))
    return rest, [row for row in rows if row[0] in contested], earliest


def plain_packed(rows: Sequence[Priced], at_once: int) -> Packed:
    """Return rows for statements that insert many: to look for what they lack would cost more."""
    end = len(rows) // at_once * at_once
    starts = range(0, end, at_once)
    whole = [tuple(chain.from_iterable(rows[at : at + at_once])) for at in starts]
    return [((), whole, list(rows[end:]))] if rows else []


_GRADE: Final = Counted._fields.index("grade")
_RECORD, _GHOST = int(Grade.RECORD), int(Grade.GHOST)

if COMPILED:
    rows_of, told_again, parted = quick_rows.rows_of, quick_rows.told_again, quick_rows.parted
    packed = quick_rows.packed
else:
    rows_of, told_again, parted = plain_rows_of, plain_told_again, plain_parted
    packed = plain_packed
