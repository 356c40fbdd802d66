"""Spending over time as stacked columns of characters, from zero, with its two axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from tokwatch.model import NANO
from tokwatch.snapshot import Chart
from tokwatch.ui import format as fmt
from tokwatch.ui.glyphs import PART_UP, TEXTURES

STEPS: Final = (60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200)
DAY: Final = 86_400
Cell = tuple[str, int]
"""A character and the index of its series; -1 for none."""


@dataclass(frozen=True, slots=True)
class Columns:
    """A chart brought to a width: the sums of each column by series, and its geometry."""

    stacks: tuple[tuple[int, ...], ...]
    """For each column of bars, oldest first, the nano-dollars of each series."""
    width: int
    """Cells that all bars together are wide."""
    seconds: int
    """Time that one bar stands for."""
    start: datetime


def columns_of(chart: Chart, width: int) -> Columns:
    """Return the chart's buckets as bars: widened, or added up where there are too many."""
    buckets = max((len(series.nano) for series in chart.series), default=0)
    if not buckets or width < 1:
        return Columns((), width, chart.bucket_seconds, chart.start)
    group = -(-buckets // width)
    stacks = tuple(
        tuple(sum(series.nano[first : first + group]) for series in chart.series)
        for first in range(0, buckets, group)
    )
    return Columns(stacks, width, chart.bucket_seconds * group, chart.start)


def nice_top(nano: int) -> int:
    """Return the first round amount that is not below this one."""
    unit = NANO // 1000
    while unit * 10 < nano:
        unit *= 10
    return next(
        (unit * tenths // 10 for tenths in (10, 20, 25, 40, 50, 80) if unit * tenths >= nano * 10),
        unit * 10,
    )


def bars(columns: Columns, height: int, top: int) -> list[list[Cell]]:
    """Return the rows of the plot, top row first."""
    pictures = [_bar(stack, height, top) for stack in columns.stacks]
    if not pictures:
        return [[] for _ in range(height)]
    return [
        [pictures[cell * len(pictures) // columns.width][row] for cell in range(columns.width)]
        for row in reversed(range(height))
    ]


def _bar(stack: Sequence[int], height: int, top: int) -> list[Cell]:
    """Return one bar, lowest cell first: textures tell the series, eighths the height."""
    total, bounds = 0, [0]
    for nano in stack:
        total += max(0, nano)
        bounds.append(total)
    if not total or not top:
        return [(" ", -1)] * height
    full = max(1, min(height * 8, round(total / top * height * 8)))
    cells: list[Cell] = []
    for row in range(height):
        filled = max(0, min(8, full - row * 8))
        if not filled:
            cells.append((" ", -1))
            continue
        middle = (row * 8 + filled / 2) / full * total
        series = next(index for index, (_, high) in enumerate(pairwise(bounds)) if middle <= high)
        glyph = TEXTURES[series % len(TEXTURES)] if filled == 8 else PART_UP[filled]
        cells.append((glyph, series))
    return cells


def ticks(columns: Columns, zone_name: str, room: int = 10) -> list[tuple[int, str]]:
    """Return where on the time axis a label stands, and the label, at round local times."""
    length = len(columns.stacks) * columns.seconds
    cells = columns.width
    if not length:
        return []
    least = length * room / cells
    step = next((step for step in STEPS if step >= least), DAY * -(-int(least) // DAY))
    local = columns.start.astimezone(fmt.zone(zone_name))
    offset = int((local.utcoffset() or timedelta()).total_seconds())
    begin = int(columns.start.timestamp())
    first = -(-(begin + offset) // step) * step - offset
    pattern = "%d %b" if step >= DAY else "%H:%M"
    return [
        (
            (instant - begin) * cells // length,
            f"{datetime.fromtimestamp(instant, UTC).astimezone(fmt.zone(zone_name)):{pattern}}",
        )
        for instant in range(first, begin + length, step)
    ]


def axis(marks: Sequence[tuple[int, str]], width: int) -> tuple[str, str]:
    """Return the time axis and the labels beneath it."""
    line, labels = ["─"] * width, [" "] * width
    for position, label in marks:
        if position + len(label) <= width:
            line[position] = "┬"
            labels[position : position + len(label)] = label
    return "".join(line), "".join(labels)
