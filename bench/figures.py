"""Figures of a benchmark: medians with what lies around them, as a table or as JSON."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What several runs measured of one thing."""

    median: float
    least: float
    most: float
    p95: float

    def __str__(self) -> str:
        """Return the median with the least and the most."""
        return f"{_short(self.median)} ({_short(self.least)}-{_short(self.most)})"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table."""

    name: str
    figures: tuple[Figure | None, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What a benchmark found."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def figure(values: Sequence[float]) -> Figure:
    """Return the figure of some measured values."""
    return Figure(statistics.median(values), min(values), max(values), percentile(values, 0.95))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Figure:
    """Return the figure of the ratios of runs that were made side by side."""
    return figure([a / b for a, b in zip(ours, theirs, strict=True)])


def show(table: Table, *, as_json: bool) -> None:
    """Print a table."""
    if as_json:
        print(json.dumps(asdict(table)))
        return
    cells = [("", *table.columns)]
    cells += [
        (row.name, *("" if each is None else str(each) for each in row.figures))
        for row in table.rows
    ]
    widths = [max(len(line[at]) for line in cells) for at in range(len(cells[0]))]
    print(table.title)
    for first, *rest in cells:
        padded = (f"{text:>{width}}" for text, width in zip(rest, widths[1:], strict=True))
        print("  ".join((f"  {first:<{widths[0]}}", *padded)))
    for note in table.notes:
        print(f"  {note}")


def _short(value: float) -> str:
    """Return a number with three significant digits."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:.{digits}f}"
