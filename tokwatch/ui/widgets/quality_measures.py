"""Latency, speed, turns, costs and measures of one's own: how their values are spread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from rich.style import Style

from tokwatch.analysis.distribution import Spread
from tokwatch.analysis.measured import Measured, Unit
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.quality import QualityPage
from tokwatch.ui import format as fmt
from tokwatch.ui import quality_words as words
from tokwatch.ui.glyphs import spark
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.quality_words import Trio
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell
from tokwatch.words import counted

Row = Trio[Measured]
STATISTICS: Final[dict[str, Callable[[Spread], float]]] = {
    "avg": lambda spread: spread.mean,
    "min": lambda spread: spread.least,
    "p50": lambda spread: spread.p50,
    "p90": lambda spread: spread.p90,
    "p99": lambda spread: spread.p99,
    "max": lambda spread: spread.most,
}


def rows_of_page(content: QualityPage) -> tuple[Row, ...]:
    """Return the measures; where an instant is marked, before and after it too."""
    if content.before is None or content.after is None:
        return tuple(Trio(one) for one in content.whole.measures)
    sides = zip(
        content.whole.measures, content.before.measures, content.after.measures, strict=True
    )
    return tuple(Trio(*one) for one in sides)


def _name(row: Row, width: int, inks: Inks) -> Line:
    name = fmt.clean(row.whole.definition.name)
    marks = words.marks(row.whole)
    if not marks or len(name) + len(marks) + 1 > width:
        return text_cell(name, width, inks.text)
    return [(f"{name} ", inks.text), (fmt.fit(marks, width - len(name) - 1), inks.muted)]


def _known(row: Row, width: int, inks: Inks) -> Line:
    found = row.whole
    told = found.spread.count if found.spread else 0
    share = told / found.whole if found.whole else None
    text = fmt.NOTHING if share is None else words.share(share)
    return text_cell(text, width, inks.text if told else inks.muted, right=True)


def _statistic(name: str, row: Row, width: int, inks: Inks) -> Line:
    return _value(row.whole, name, width, inks)


def _value(of: Measured | None, name: str, width: int, inks: Inks) -> Line:
    if of is None or of.spread is None:
        return text_cell(words.UNKNOWN, width, inks.muted, right=True)
    text = words.value(STATISTICS[name](of.spread), of.definition)
    return text_cell(text, width, inks.strong if name == "p50" else inks.text, right=True)


def _side(side: str, name: str, row: Row, width: int, inks: Inks) -> Line:
    return _value(getattr(row, side), name, width, inks)


def _count(side: str, row: Row, width: int, inks: Inks) -> Line:
    of: Measured | None = getattr(row, side)
    number = of.spread.count if of and of.spread else 0
    text = f"{number:,}" if number else fmt.NOTHING
    return text_cell(text, width, inks.muted, right=True)


def _difference(name: str, row: Row, width: int, inks: Inks) -> Line:
    of, sides = row.whole.definition, _both(name, row)
    more = of.unit is Unit.SPEED
    better = words.is_better(*sides, more_is_better=more)
    told = words.difference(*sides, of) if sides[0] != sides[1] or None in sides else ""
    change = words.change(*sides) if None not in sides else ""
    text = f"{told} {change}" if change and len(told) + len(change) < width else told
    return text_cell(text, width, _ink(better, row, inks), right=True)


def _both(name: str, row: Row) -> tuple[float | None, float | None]:
    """Return a statistic before and after."""
    found = [
        STATISTICS[name](side.spread) if side is not None and side.spread else None
        for side in (row.before, row.after)
    ]
    return found[0], found[1]


def _ink(better: bool | None, row: Row, inks: Inks) -> Style:
    """Return the ink of a change; of what is neither good nor bad in itself the plain one."""
    judged = row.whole.definition.unit in (Unit.DURATION, Unit.SPEED, Unit.MONEY)
    if better is None or not judged or row.whole.definition.what == "sessions":
        return inks.text
    return inks.good if better else inks.warning


def _trend(row: Row, width: int, inks: Inks) -> Line:
    return [(spark(row.whole.p50, width), inks.trend)]


class QualityMeasures(Table[QualityPage, Row]):
    """A line for each measure."""

    TITLE = "measures"
    KIND = QualityPage
    HELP = """
    # Measures
    How long requests, turns and sessions take, how fast answers come, what requests cost and
    hold, and measures of your own. `p90` is the smallest value that 90 % of all do not exceed.
    *known* is the share of requests, turns or sessions whose value is told at all. `~`: some
    are derived; `≥`: some are lower bounds. The trend is the median over time.

    * `enter` shows a measure's definition, who tells it, its distribution and its highest values
    * `space` marks the instant under the chart's cursor: then before and after stand side by side
    """

    def columns(self) -> Sequence[TableColumn[Row]]:
        """Return the columns, from left to right."""
        if self.content is not None and self.content.mark_ms is not None:
            return _COMPARING
        return _PLAIN

    def rows_of(self, content: QualityPage) -> Sequence[Row]:
        """Return the measures."""
        return rows_of_page(content)

    def key_of(self, row: Row) -> str:
        """Return the measure's name and unit."""
        return f"{row.whole.definition.name}\0{row.whole.definition.custom_unit}"

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how many requests are looked at."""
        line: Line = [(self.TITLE, inks.text)]
        if self.content is None:
            return line
        whole = self.content.whole
        line.append((f" · {counted(whole.requests, 'request')}", inks.muted))
        if self.content.left_out:
            line.append((f" · the {self.content.left_out:,} before them left out", inks.warning))
        return line

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where the values come from."""
        page = self.content
        told = [
            "Each value is of one request, turn or session of the shown range. Percentiles are "
            "values that occurred: the smallest one that so many percent do not exceed.",
            "Latency and first token are told by some tools and by gateways; for tools whose "
            "conversations are read, latency is derived (~) from their records' times.",
        ]
        if page is not None and page.whole.sums:
            told.append(
                f"{counted(page.whole.sums, 'request is', 'requests are')} told as sums only, so "
                "no single one is known."
            )
        return tuple(told)


def _statistic_column(name: str, rank: int) -> TableColumn[Row]:
    return TableColumn(name, 7, partial(_statistic, name), rank=rank, right=True, most=8)


_PLAIN: Final[tuple[TableColumn[Row], ...]] = (
    TableColumn("measure", 11, _name, most=24),
    TableColumn("known", 6, _known, rank=3, right=True),
    _statistic_column("avg", 4),
    _statistic_column("min", 6),
    _statistic_column("p50", 0),
    _statistic_column("p90", 1),
    _statistic_column("p99", 5),
    _statistic_column("max", 7),
    TableColumn("trend", 8, _trend, rank=2, most=60),
)


def _side_columns(name: str, rank: int) -> tuple[TableColumn[Row], ...]:
    """Return two columns of a statistic, and their difference."""
    return (
        TableColumn(f"{name} before", 10, partial(_side, "before", name), rank=rank, right=True),
        TableColumn(f"{name} after", 10, partial(_side, "after", name), rank=rank, right=True),
        TableColumn(f"Δ {name}", 14, partial(_difference, name), rank=rank, right=True, most=18),
    )


_COMPARING: Final[tuple[TableColumn[Row], ...]] = (
    TableColumn("measure", 11, _name, most=24),
    *_side_columns("p50", 0),
    *_side_columns("p90", 1),
    TableColumn("n before", 8, partial(_count, "before"), rank=2, right=True),
    TableColumn("n after", 8, partial(_count, "after"), rank=2, right=True),
)
