"""Sums rows of the staging table by quarter-hour, scope and model, as `delta_of` of sql.py does.

Sums over columns in Python take a third of the time of SQLite's over rows that it must sort.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, cast

from tokwatch.model.event import Grade
from tokwatch.model.units import QUARTER_MS
from tokwatch.store.rows import COMPILED, Priced, quick_rows

_Known = int | None
_Classes = tuple[_Known, ...]
_DERIVED: Final = Grade.DERIVED.value
_PROMPT, _TOKENS = slice(7, 11), slice(7, 12)
"""Where a row has the classes of the prompt, and those with the output."""


def cells_of(rows: Sequence[Priced]) -> list[tuple[int, ...]]:
    """Return rows of `delta`: a quarter-hour's start, a scope, a model, then the MEASURES."""
    cells = quick_rows.cells_of(rows) if COMPILED else None
    return plain_cells_of(rows) if cells is None else cells


def plain_cells_of(rows: Iterable[Priced]) -> list[tuple[int, ...]]:
    """Return the same, whatever the numbers."""
    by_cell: defaultdict[tuple[int, int, int], list[Priced]] = defaultdict(list)
    for row in rows:
        by_cell[row[2] // QUARTER_MS, row[4], row[5]].append(row)
    return [
        (quarter * QUARTER_MS, scope, model, *_measures(cell))
        for (quarter, scope, model), cell in by_cell.items()
    ]


def _measures(cell: Sequence[Priced]) -> tuple[int, ...]:
    (
        _, _, _, _, _, _, requests, fresh, read, short, long, output, reasoning, searches,
        logged, _, grade, final, _, _, _, computed,
    ) = zip(*cell, strict=True)  # fmt: skip
    told, priced, unpriced = 0, _sum(computed), _without(cell, computed, _TOKENS)
    auto, unknown = priced, unpriced
    if logged.count(None) < len(cell):
        best = _first(logged, computed)
        told, auto, unknown = _sum(logged), _sum(best), _without(cell, best, _TOKENS)
    return (
        *(len(cell), sum(requests), _sum(fresh), _sum(read), _sum(short), _sum(long)),
        *(_sum(output), _sum(reasoning), sum(searches), told, priced, auto, unpriced, unknown),
        0 if all(final) else _requests(requests, final, 0),
        _without(cell, read, _PROMPT),
        _requests(requests, grade, _DERIVED) if _DERIVED in grade else 0,
    )


def _sum(column: Sequence[_Known]) -> int:
    return sum(filter(None, column) if None in column else cast(Sequence[int], column))


def _first(logged: Sequence[_Known], computed: Sequence[_Known]) -> list[_Known]:
    pairs = zip(logged, computed, strict=True)
    return [own if told is None else told for told, own in pairs]


def _without(cell: Sequence[Priced], column: Sequence[_Known], classes: slice) -> int:
    """Return the tokens of the rows of which a column knows nothing."""
    if None not in column:
        return 0
    rows = zip(cell, column, strict=True)
    return sum(_sum(cast(_Classes, row[classes])) for row, value in rows if value is None)


def _requests(requests: Sequence[int], column: Sequence[int], value: int) -> int:
    """Return how many requests have a value in a column."""
    pairs = zip(requests, column, strict=True)
    return sum(number for number, found in pairs if found == value)
