"""Spending over time as stacked columns of characters, from zero, with its two axes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate, groupby
from operator import itemgetter
from typing import Final

from msgspec import Struct
from rich.style import Style

from tokwatch.model.snapshot import Chart
from tokwatch.model.units import NANO
from tokwatch.ui import format as fmt
from tokwatch.ui.glyphs import PART_UP, TEXTURES
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, Run

STEPS: Final = (60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200)
DAY: Final = 86_400
BLANK: Final[Run] = (" ", Style())


class Columns(Struct, frozen=True):
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
        (
            unit * tenths // 10
            for tenths in (10, 12, 15, 20, 25, 30, 40, 50, 60, 80)
            if unit * tenths >= nano * 10
        ),
        unit * 10,
    )


def levels_of(peak: int, rows: int) -> tuple[int, dict[int, int]]:
    """Return what a plot's full height stands for, and round amounts by the row they stand in.

    A label is the value at the upper edge of its row, counted from the top.
    """
    every = rows if rows < 4 else max(2, -(-rows // 4))
    step = nice_top(-(-peak * every // rows))
    labels = {rows - row: step * row // every for row in range(every, rows + 1, every)}
    return step * rows // every, labels


def bars(columns: Columns, height: int, top: int, inks: Inks) -> list[Line]:
    """Return the rows of the plot, top row first."""
    pictures = [_bar(stack, height, top, inks) for stack in columns.stacks]
    if not pictures:
        return [[] for _ in range(height)]
    cells = [cell * len(pictures) // columns.width for cell in range(columns.width)]
    return [_joined([pictures[bar][row] for bar in cells]) for row in reversed(range(height))]


def _bar(stack: Sequence[int], height: int, top: int, inks: Inks) -> list[Run]:
    """Return one bar, lowest cell first: textures tell the series, eighths their heights."""
    bounds = [0, *accumulate(max(0, nano) for nano in stack)]
    if not bounds[-1] or not top:
        return [BLANK] * height
    eighths = [round(bound / top * height * 8) for bound in bounds]
    eighths[-1] = max(1, min(height * 8, eighths[-1]))
    return [_cell(eighths, row * 8, inks) for row in range(height)]


def _cell(eighths: Sequence[int], low: int, inks: Inks) -> Run:
    """Return the cell between `low` and eight eighths above."""
    filled = min(8, eighths[-1] - low)
    if filled <= 0:
        return BLANK
    middle = next(i for i, high in enumerate(eighths[1:]) if high >= low + filled / 2)
    if filled < 8:
        return (PART_UP[filled], inks.chart[middle % len(inks.chart)])
    if inks.fill[0].bgcolor is None:
        # Only textures tell the series apart, so each cell has the one of its greater part.
        return (TEXTURES[middle % len(TEXTURES)], inks.fill[middle % len(inks.fill)])
    first = next(i for i, high in enumerate(eighths[1:]) if high > low)
    bound = eighths[first + 1] - low
    if bound >= 8:
        return (TEXTURES[first % len(TEXTURES)], inks.fill[first % len(inks.fill)])
    above = next(i for i, high in enumerate(eighths[1:]) if high >= low + 8)
    under, over = inks.chart[first % len(inks.chart)], inks.chart[above % len(inks.chart)]
    return (PART_UP[bound], under + Style(bgcolor=over.color))


def _joined(cells: Sequence[Run]) -> Line:
    """Return neighbours in one style as one run."""
    return [("".join(text for text, _ in run), ink) for ink, run in groupby(cells, itemgetter(1))]


def ticks(columns: Columns, zone_name: str, room: int = 10) -> list[tuple[int, str]]:
    """Return where on the time axis a label stands, and the label, at round local times."""
    length = len(columns.stacks) * columns.seconds
    cells = columns.width
    if not length:
        return []
    least = length * room / cells
    step = next((step for step in STEPS if step >= least), DAY * -(-int(least) // DAY))
    pattern = "%d %b" if step >= DAY else "%H:%M"
    where = fmt.zone(zone_name)
    start = columns.start.astimezone(where).replace(tzinfo=None)
    by_day = columns.seconds % DAY == 0
    if by_day:
        start = _midnight(start)
    marks = []
    for wall in _round_times(start, step, length):
        if by_day:
            # Such bars are days of the calendar, whatever their length.
            since = int((wall - start).total_seconds())
        else:
            since = int((wall.replace(tzinfo=where) - columns.start).total_seconds())
        if 0 <= since < length:
            marks.append((since * cells // length, f"{wall:{pattern}}"))
    return marks


def _round_times(start: datetime, step: int, length: int) -> Iterator[datetime]:
    """Yield the multiples of a step since midnight, by the clock on the wall."""
    midnight = _midnight(start)
    first = -(-int((start - midnight).total_seconds()) // step)
    # Where a clock goes back, the range reaches an hour further on the wall.
    for number in range(first, first + length // step + 1 + 3600 // min(step, 3600)):
        yield midnight + timedelta(seconds=number * step)


def _midnight(wall: datetime) -> datetime:
    return wall.replace(hour=0, minute=0, second=0, microsecond=0)


def axis(marks: Sequence[tuple[int, str]], width: int) -> tuple[str, str]:
    """Return the time axis and the labels beneath it."""
    line, labels = ["─"] * width, [" "] * width
    for position, label in marks:
        if position + len(label) <= width:
            line[position] = "┬"
            labels[position : position + len(label)] = label
    return "".join(line), "".join(labels)
