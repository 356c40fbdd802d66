"""Sums of usage."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from operator import attrgetter
from typing import TypeVar

from tokwatch.model.usage import NO_USAGE, Cell, CostMode, Usage

T = TypeVar("T", bound=Hashable)
_measures = attrgetter(*Usage.__struct_fields__)


def total(usages: Iterable[Usage]) -> Usage:
    """Return the sum of any number of usages."""
    columns = zip(*map(_measures, usages), strict=True)
    sums = [sum(column) for column in columns]
    return Usage(*sums) if sums else NO_USAGE


def grouped(cells: Iterable[Cell], key: Callable[[Cell], T]) -> dict[T, Usage]:
    """Return usage by a key of the cells, in the order of first appearance."""
    groups: dict[T, list[Usage]] = {}
    for cell in cells:
        groups.setdefault(key(cell), []).append(cell.usage)
    return {
        name: usages[0] if len(usages) == 1 else total(usages) for name, usages in groups.items()
    }


def by_cost(usages: dict[str, Usage], mode: CostMode) -> tuple[tuple[str, Usage], ...]:
    """Return named usages, the dearest first, equal ones by name."""
    return tuple(sorted(usages.items(), key=lambda pair: (-pair[1].cost_nano(mode), pair[0])))
