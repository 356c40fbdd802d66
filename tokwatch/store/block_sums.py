"""Keeps the sums of blocks by quarter of an hour, part and tool, as blocks are written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

from tokwatch.model.units import QUARTER_MS
from tokwatch.store.connect import Database, Row

ADD: Final = (
    "INSERT INTO block_sum (strand, quarter_ms, part, tool, workspace, blocks, tokens, errors)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (strand, quarter_ms, part, tool) DO UPDATE SET"
    " blocks = block_sum.blocks + excluded.blocks, tokens = block_sum.tokens + excluded.tokens,"
    " errors = block_sum.errors + excluded.errors"
)
_SUMMED: Final = "number, instant_ms, part, tool, tokens, is_error"

Summed = tuple[int, int, str, str, int, int]
"""What is summed of a block: number, instant, part, tool, tokens, whether it is an error."""


def add_to_sums(database: Database, workspace: int, blocks: dict[int, list[Summed]]) -> None:
    """Add blocks, by strand, that are about to be written; what they replace is taken off."""
    sums: defaultdict[tuple[int, int, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for strand, found in blocks.items():
        _count(sums, strand, found, 1)
        _count(sums, strand, _replaced(database, strand, {block[0] for block in found}), -1)
    rows = [(*key, workspace, *sum_) for key, sum_ in sums.items() if any(sum_)]
    if rows:
        database.executemany(ADD, rows)


def _count(sums: dict[Any, list[int]], strand: int, blocks: Iterable[Row], sign: int) -> None:
    for _, instant_ms, part, tool, tokens, is_error in blocks:
        found = sums[strand, instant_ms // QUARTER_MS * QUARTER_MS, part, tool]
        found[0] += sign
        found[1] += sign * tokens
        found[2] += sign * is_error


def _replaced(database: Database, strand: int, numbers: set[int]) -> Iterator[Row]:
    """Yield the blocks that are stored under these numbers."""
    rows = database.rows(
        f"SELECT {_SUMMED} FROM block WHERE strand = ? AND number BETWEEN ? AND ?",
        (strand, min(numbers), max(numbers)),
    )
    return (row for row in rows if row[0] in numbers)
