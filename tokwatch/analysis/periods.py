"""Rows of a report: usage by day, week or month, or by a name, each split by model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import NamedTuple

from tokwatch.analysis.calendar import date_of, month_of, week_of
from tokwatch.analysis.sums import by_cost, grouped, total
from tokwatch.model.usage import Cell, CostMode, Usage


class Period(StrEnum):
    """Lengths of time that a report sums over."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Row(NamedTuple):
    """A line of a report."""

    name: str
    usage: Usage
    models: tuple[tuple[str, Usage], ...] = ()
    """The same by model as logged, the dearest first."""


def period_rows(
    cells: Iterable[Cell], period: Period, mode: CostMode, week_starts: str = "monday"
) -> list[Row]:
    """Return a row for each period that has usage, oldest first; cells are by (DAY, MODEL)."""
    names: dict[int, str] = {}

    def name(cell: Cell) -> str:
        day = int(cell.group[0])
        if day not in names:
            names[day] = period_name(day, period, week_starts)
        return names[day]

    return sorted(_rows(cells, name, mode), key=lambda row: row.name)


def name_rows(cells: Iterable[Cell], mode: CostMode) -> list[Row]:
    """Return a row for each name, the dearest first; cells are by (name, MODEL)."""
    rows = _rows(cells, lambda cell: str(cell.group[0]), mode)
    return sorted(rows, key=lambda row: (-row.usage.cost_nano(mode), row.name))


def period_name(day: int, period: Period, week_starts: str = "monday") -> str:
    """Return what a period is called: its first day, or its month as YYYY-MM."""
    if period is Period.MONTH:
        return date_of(month_of(day)).isoformat()[:7]
    return date_of(week_of(day, week_starts) if period is Period.WEEK else day).isoformat()


def _rows(cells: Iterable[Cell], name: Callable[[Cell], str], mode: CostMode) -> list[Row]:
    sums = grouped(cells, lambda cell: (name(cell), str(cell.group[-1])))
    models: dict[str, dict[str, Usage]] = {}
    for (row, model), usage in sums.items():
        models.setdefault(row, {})[model] = usage
    return [Row(row, total(split.values()), by_cost(split, mode)) for row, split in models.items()]
