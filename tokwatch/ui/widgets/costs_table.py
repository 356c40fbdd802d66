"""Spending by any two facets, against the range before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from tokwatch.analysis.costs import CostLine, CostTable
from tokwatch.model.facets import Amount, Unit, total
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.costs import CostsPage
from tokwatch.ui import facet_words as words
from tokwatch.ui import format as fmt
from tokwatch.ui.glyphs import gauge
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell

NAME: Final = 12
NUMBER: Final = 10
"""Cells of a name and of an amount."""
FIXED: Final = NAME + 1 + NUMBER + 1 + 8
"""Cells of the columns that are always there."""
OTHER: Final = "other"


def _name(table: CostTable, line: CostLine, width: int, inks: Inks) -> Line:
    ink = inks.text if line.amount.requests else inks.muted
    return text_cell(words.value_name(table.rows, line.value), width, ink)


def _amount(unit: Unit, line: CostLine, width: int, inks: Inks) -> Line:
    ink = inks.warning if unit is Unit.COST and line.amount.missing else inks.strong
    return text_cell(words.amount_text(line.amount, unit, width), width, ink, right=True)


def _share(table: CostTable, unit: Unit, line: CostLine, width: int, inks: Inks) -> Line:
    whole = table.amount.of(unit)
    share = line.amount.of(unit) / whole if whole else None
    told = fmt.fit(fmt.percent(share), 4, right=True)
    if width < 9:
        return text_cell(told, width, inks.text, right=True)
    full, rest = gauge(share or 0.0, width - 5)
    return [(full, inks.trend), (rest, inks.frame), (f" {told}", inks.text)]


def _before(unit: Unit, line: CostLine, width: int, inks: Inks) -> Line:
    text = fmt.NOTHING if line.before is None else words.amount_text(line.before, unit, width)
    return text_cell(text, width, inks.muted, right=True)


def _change(unit: Unit, line: CostLine, width: int, inks: Inks) -> Line:
    now, before = line.amount.of(unit), None if line.before is None else line.before.of(unit)
    arrow = words.arrow(now, before)
    ink = inks.warning if arrow == "▲" else inks.good if arrow else inks.muted
    return text_cell(f"{arrow} {words.change_words(now, before)}", width, ink, right=True)


def _cell(
    of: Callable[[CostLine], Amount], unit: Unit, line: CostLine, width: int, inks: Inks
) -> Line:
    amount = of(line)
    ink = inks.text if amount.requests else inks.muted
    return text_cell(words.amount_text(amount, unit, width), width, ink, right=True)


class CostLines(Table[CostsPage, CostLine]):
    """A line for each value of one facet, a column for each of another's dearest."""

    TITLE = "costs"
    KIND = CostsPage
    HELP = """
    # Costs
    Spending by any two facets: `b` and `B` choose the rows, `c` and `C` the columns, `x` swaps
    them, `v` shows cost, tokens or requests. `▲` `▼` compare with the range before, which is as
    long.

    * `enter` narrows to the line and splits it further, at last into its requests
    * `escape` widens again
    * `l` lists the requests of the slice at once
    * `W` asks what the slice would have cost under other models
    """

    def columns(self) -> Sequence[TableColumn[CostLine]]:
        """Return the columns, from left to right; those of the values as there is room."""
        content = self.content
        if content is None:
            return ()
        table, unit = content.table, content.unit
        return (
            TableColumn(str(table.rows), NAME, partial(_name, table), most=40),
            TableColumn(str(unit), NUMBER, partial(_amount, unit), right=True,
                        order=lambda line: line.amount.of(unit)),
            TableColumn("share", 5, partial(_share, table, unit), rank=4, right=True, most=16,
                        order=lambda line: line.amount.of(unit)),
            TableColumn("before", NUMBER, partial(_before, unit), rank=2, right=True,
                        order=lambda line: line.before.of(unit) if line.before else 0),
            TableColumn("change", 8, partial(_change, unit), rank=1, right=True,
                        order=lambda line: _difference(line, unit)),
            *self._of_values(table, unit),
        )  # fmt: skip

    def _of_values(self, table: CostTable, unit: Unit) -> list[TableColumn[CostLine]]:
        """Return a column for each value that fits, the last one for all others."""
        room = self.size.width - 5 - FIXED - (NUMBER + 1 + 6 if self.size.width > 70 else 0)
        fitting = max(0, room // (NUMBER + 1))
        shown = len(table.values) if len(table.values) <= fitting else max(0, fitting - 1)
        columns = [
            self._column(words.value_name(table.columns, value), partial(_cell_at, place), unit)
            for place, value in enumerate(table.values[:shown])
            if table.columns is not None
        ]
        if shown < len(table.values) and fitting:
            columns.append(self._column(OTHER, partial(_cells_from, shown), unit))
        return columns

    def _column(
        self, name: str, of: Callable[[CostLine], Amount], unit: Unit
    ) -> TableColumn[CostLine]:
        return TableColumn(
            name,
            NUMBER,
            partial(_cell, of, unit),
            rank=3,
            right=True,
            most=14,
            order=lambda line: of(line).of(unit),
        )

    def rows_of(self, content: CostsPage) -> Sequence[CostLine]:
        """Return the lines in their order."""
        return content.table.lines

    def key_of(self, row: CostLine) -> str:
        """Return the value."""
        return str(row.value)

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return what was picked, and by what it is told apart."""
        content = self.content
        if content is None:
            return [(self.TITLE, inks.text)]
        table = content.table
        by = f" · by {table.rows}" + (f" and {table.columns}" if table.columns else "")
        more = f" · {table.others:,} more" if table.others else ""
        return [
            (self.TITLE, inks.text),
            (words.trail(content.picks), inks.accent),
            (f"{by}{more}", inks.muted),
        ]

    def corner(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the shown range and that before."""
        content = self.content
        if content is None:
            return []
        shown = words.range_words(content.shown, snapshot.zone)
        if content.before is None:
            return [(f"{snapshot.span} · {shown}", inks.muted)]
        before = words.range_words(content.before, snapshot.zone)
        return [(f"{snapshot.span} · {shown} vs {before}", inks.muted)]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what a line is, and what the others add up to."""
        return (
            "Each line is the sum of the requests with that value; lines and columns add up to "
            "the total, to the nano-dollar. An empty value is a log that does not tell it.",
            "Ranges of up to four hours are read request by request, longer ones from sums by the "
            "quarter of an hour. The range before is as long and ends where the shown one begins.",
            "By tool: the one that an answer called most often, of equals the first by name; of "
            "requests whose log was not read in detail it is not told.",
        )


def _cell_at(place: int, line: CostLine) -> Amount:
    return line.cells[place]


def _cells_from(place: int, line: CostLine) -> Amount:
    return total(line.cells[place:])


def _difference(line: CostLine, unit: Unit) -> int:
    return line.amount.of(unit) - (line.before.of(unit) if line.before else 0)
