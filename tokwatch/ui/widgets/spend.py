"""Spending over time by model: stacked columns, and a finer chart where there is room for it."""

from __future__ import annotations

from typing import Final

from textual.geometry import Size

from tokwatch.snapshot import Snapshot, Span
from tokwatch.ui import format as fmt
from tokwatch.ui.glyphs import TEXTURES
from tokwatch.ui.inks import Inks
from tokwatch.ui.stacks import Cell, Columns, axis, bars, columns_of, nice_top, ticks
from tokwatch.ui.widgets.painted import Line, Pane, click

AXIS_WIDTH: Final = 8
"""Cells of a money label and the axis itself."""


class SpendOverTime(Pane, can_focus=True):
    """The chart of the overview."""

    TITLE = "spend"
    HELP = """
    # Spending over time
    Stacked by model, from zero; each model has a colour and a texture.

    * `[` `]` move half a range back and forth, `n` returns to now
    * `{` `}` a shorter or a longer range, `r` the next one; or click one
    * `+` zooms
    """

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return what a bar stands for, and the legend."""
        width = self._plot_width(self.size.width - 4, self.size.height)
        columns = columns_of(snapshot.chart, width)
        line: Line = [(f"spend per {fmt.duration(columns.seconds)}", inks.text)]
        if self.equivalent:
            line.append((" · API-equivalent", inks.muted))
        for index, series in enumerate(snapshot.chart.series):
            glyph = TEXTURES[index % len(TEXTURES)]
            line.append((f"  {glyph} ", inks.chart[index % len(inks.chart)]))
            line.append((fmt.fit_to(fmt.short_model(series.name), 16), inks.muted))
        return line

    def corner(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the ranges, each to be clicked."""
        line: Line = []
        for span in Span:
            here = span is snapshot.span
            ink = click(inks.accent if here else inks.muted, f"app.range('{span}')")
            line += [(f"[{span}]" if here else str(span), ink), (" ", inks.muted)]
        return line[:-1]

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return bars and axes; without room for a money axis only the bars."""
        columns = columns_of(snapshot.chart, self._plot_width(size.width, size.height + 2))
        peak = max((sum(stack) for stack in columns.stacks), default=0)
        if not peak:
            return [[("nothing was spent in this range", inks.muted)]]
        marks = ticks(columns, snapshot.zone)
        if size.height < 5:
            plot = bars(columns, max(1, size.height - 1), peak)
            _, labels = axis(marks, size.width)
            most = f" max {fmt.money(peak)}"
            labels = labels[: size.width - len(most)] + most
            return [*(_colored(row, inks) for row in plot), [(labels, inks.muted)]]
        top = nice_top(peak)
        return self._with_axes(columns, size, inks, marks, top)

    def _with_axes(
        self, columns: Columns, size: Size, inks: Inks, marks: list[tuple[int, str]], top: int
    ) -> list[Line]:
        rows = size.height - 2
        plot = bars(columns, rows, top)
        middle = rows // 2 if rows >= 4 else -1
        lines: list[Line] = []
        for row, cells in enumerate(plot):
            value = top * (rows - row) // rows
            label = f"{fmt.axis_money(value):>7}┤" if row in (0, middle) else f"{'│':>8}"
            lines.append([(label, inks.muted), *_colored(cells, inks)])
        line, labels = axis(marks, size.width - AXIS_WIDTH)
        lines.append([(f"{fmt.axis_money(0):>7}┼" + line, inks.muted)])
        lines.append([(" " * AXIS_WIDTH + labels, inks.muted)])
        return lines

    @staticmethod
    def _plot_width(width: int, height: int) -> int:
        return width if height < 7 else width - AXIS_WIDTH

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what the bars are."""
        return (
            "What all requests of the range cost, by the model that answered; the models beyond "
            "the first few are added up as other.",
            "The bars start at zero. A bar stands for the time that the title names.",
        )


def _colored(cells: list[Cell], inks: Inks) -> Line:
    line: Line = []
    for glyph, series in cells:
        ink = inks.chart[series % len(inks.chart)] if series >= 0 else inks.text
        if line and line[-1][1] is ink:
            line[-1] = (line[-1][0] + glyph, ink)
        else:
            line.append((glyph, ink))
    return line
