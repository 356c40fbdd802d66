"""Spending over time by model: stacked columns, and a finer chart where there is room for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.reactive import reactive

from tokwatch.model.snapshot import Snapshot, Span, Spike
from tokwatch.ui import format as fmt
from tokwatch.ui.glyphs import TEXTURES
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, click, width_of
from tokwatch.ui.stacks import Columns, axis, bars, columns_of, levels_of, nice_top, ticks
from tokwatch.ui.widgets import chart
from tokwatch.ui.widgets.painted import Pane

AXIS_WIDTH: Final = 8
"""Cells of a money label and the axis itself."""
SPIKE: Final = "▲"
LABEL: Final = re.compile(r"\S+(?: \S+)*")
"""A time beneath the bars: `13:20` or `22 Jul`."""
WITH_AXES: Final = 5
"""Lines from which there is room for axes."""
ALL_RANGES: Final = 96
"""Width from which all ranges stand beside the legend."""


class SpendOverTime(Pane, can_focus=True):
    """The chart of the overview."""

    TITLE = "spend"
    NUMBER = "range"
    HELP = """
    # Spending over time
    Stacked by model, from zero; each model has a colour and a texture. Where there is much
    room, zoomed for example, a fine line for each model and one for all of them.

    * `[` `]` move half a range back and forth, `n` returns to now
    * `P` replays from there, `(` `)` slower and faster, `p` holds it
    * `{` `}` a shorter or a longer range, `r` the next one; or click one
    * `enter` triages the newest spike, `+` zooms

    `▲` marks a spike: an hour that cost at least three times what such hours usually cost you,
    and at least a dollar more. The line beneath tells of the newest one.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "triage", "Triage", id="chart.triage",
                tooltip="Triage the newest spike of the range, else the range"),
    ]  # fmt: skip

    beat: reactive[int] = reactive(0, repaint=False)
    """Advances every two seconds: the fine chart is drawn at most once a beat."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._plot: chart.Plot | None = None
        self._plotted: list[Line] = []
        self._plotted_in = -1

    def on_mount(self) -> None:
        self.watch(self.app, "beat", self._take_beat)

    def _take_beat(self, beat: int) -> None:
        self.beat = beat
        if beat and self._is_large(self.size) and not chart.is_loaded():
            self.run_worker(chart.load, group="plotext", thread=True, exclusive=True)
        elif self._is_large(self.size):
            self.redraw()

    @staticmethod
    def _is_large(size: Size) -> bool:
        return size.width >= chart.LEAST.width and size.height >= chart.LEAST.height

    def _is_fine(self, size: Size) -> bool:
        return self._is_large(size) and chart.is_loaded()

    def action_triage(self) -> None:
        """Say what made the newest spike."""
        spikes = self.snapshot.spikes if self.snapshot else ()
        self.app.switch_mode("triage")
        if spikes:
            from tokwatch.ui.screens.triage import TriageScreen

            screen = self.app.screen
            assert isinstance(screen, TriageScreen)
            screen.triage(spikes[-1].since, spikes[-1].until)

    def foot(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return what the newest spike cost, and what most of it was."""
        if not snapshot.spikes:
            return []
        spike = snapshot.spikes[-1]
        key = "enter: triage" if self.has_focus else "5: triage"
        others = len(snapshot.spikes) - 1
        minutes = int((spike.until - spike.since).total_seconds()) // 60
        when = fmt.moment(spike.since, snapshot.until or snapshot.now, snapshot.zone)
        facts = [
            f"{fmt.money(spike.nano)} in {_length(minutes)}",
            f"{fmt.percent(spike.model_share)} {fmt.short_model(spike.model)}",
            fmt.fit_to(fmt.short_project(spike.project), 24),
            f"{others} more before" if others else "",
        ]
        line: Line = [(f"▲ {when} spike", inks.warning)]
        room = self.size.width - 6 - len(key) - 3
        for fact in facts:
            if fact and width_of(line) + len(fact) + 3 <= room:
                line.append((f" · {fact}", inks.text))
        return [*line, (f" · {key}", click(inks.muted, "triage"))]

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return what a bar stands for, and the legend."""
        width = self._plot_width(self.size.width - 4, self.size.height)
        columns = columns_of(snapshot.chart, width)
        line: Line = [(f"spend per {fmt.duration(columns.seconds)}", inks.text)]
        if self.equivalent:
            line.append((" · API-equivalent", inks.muted))
        peak = _peak(columns)
        if peak and self.size.height < WITH_AXES + 2:
            line.append((f" · max {fmt.money(peak)}", inks.muted))
        room = self.size.width - 9 - width_of([*line, *self.corner(snapshot, inks)])
        return line if self._is_fine(self.size) else line + _legend(snapshot, room, inks)

    def corner(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the ranges, each to be clicked; without room the shown one."""
        line: Line = []
        for span in Span:
            here = span is snapshot.span
            ink = click(inks.accent if here else inks.muted, f"app.range('{span}')")
            if here or self.size.width >= ALL_RANGES:
                line += [(f"[{span}]" if here else str(span), ink), (" ", inks.muted)]
        return line[:-1]

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return bars and axes; without room for a money axis only the bars."""
        width = self._plot_width(size.width, size.height + 2)
        columns = columns_of(snapshot.chart, width)
        peak = _peak(columns)
        if not peak:
            return [[("nothing was spent in this range", inks.muted)]]
        if self._is_fine(self.size):
            return self._fine(snapshot, size, inks)
        marks = ticks(columns, snapshot.zone)
        if size.height < WITH_AXES:
            plot = bars(columns, max(1, size.height - 1), peak, inks)
            labels = marked(axis(marks, size.width)[1], snapshot.spikes, columns, inks, words=True)
            return [*plot, labels]
        return _with_axes(columns, size, inks, marks, peak, snapshot.spikes)

    def _fine(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return the chart of plotext, drawn anew once a beat at most."""
        plot = _plot_of(snapshot, size, inks)
        before = self._plot
        same_place = before is not None and (before.size, before.frame) == (plot.size, plot.frame)
        if plot != before and not (same_place and self._plotted_in == self.beat):
            self._plot, self._plotted, self._plotted_in = plot, chart.drawn(plot), self.beat
        return self._plotted

    @staticmethod
    def _plot_width(width: int, height: int) -> int:
        return width if height < WITH_AXES + 2 else width - AXIS_WIDTH

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what the bars are."""
        return (
            "What all requests of the range cost, by the model that answered; the models beyond "
            "the first few are added up as other.",
            "The bars start at zero. A bar stands for the time that the title names.",
        )


def _legend(snapshot: Snapshot, room: int, inks: Inks) -> Line:
    """Return texture and name of as many series as there is room for."""
    line: Line = []
    for index, series in enumerate(snapshot.chart.series):
        name = fmt.fit_to(fmt.short_model(series.name), 16)
        texture = (TEXTURES[index % len(TEXTURES)], inks.fill[index % len(inks.fill)])
        entry: Line = [("  ", inks.muted), texture, (f" {name}", inks.muted)]
        if width_of(line + entry) > room:
            return [*line, (" …", inks.muted)] if width_of(line) + 2 <= room else line
        line += entry
    return line


def _peak(columns: Columns) -> int:
    return max((sum(stack) for stack in columns.stacks), default=0)


def _with_axes(
    columns: Columns,
    size: Size,
    inks: Inks,
    marks: list[tuple[int, str]],
    peak: int,
    spikes: Sequence[Spike],
) -> list[Line]:
    rows = size.height - 2
    top, levels = levels_of(peak, rows)
    lines: list[Line] = []
    for row, cells in enumerate(bars(columns, rows, top, inks)):
        label = f"{fmt.axis_money(levels[row]):>7}┤" if row in levels else f"{'│':>8}"
        lines.append([(label, inks.muted), *cells])
    line, labels = axis(marks, size.width - AXIS_WIDTH)
    lines.append([(f"{fmt.axis_money(0):>7}┼", inks.muted), *marked(line, spikes, columns, inks)])
    lines.append([(" " * AXIS_WIDTH + labels, inks.muted)])
    return lines


def marked(
    line: str, spikes: Sequence[Spike], columns: Columns, inks: Inks, *, words: bool = False
) -> Line:
    """Return a line beneath the bars with a mark under each spike, in place of a word there."""
    length_s = max(1, len(columns.stacks) * columns.seconds)
    middles = (spike.since + (spike.until - spike.since) / 2 for spike in spikes)
    places = {
        int((middle - columns.start).total_seconds()) * columns.width // length_s
        for middle in middles
    }
    if words:
        line = LABEL.sub(
            lambda word: " " * len(word[0]) if places & set(range(*word.span())) else word[0], line
        )
    cells = [
        (SPIKE, inks.warning) if place in places else (cell, inks.muted)
        for place, cell in enumerate(line)
    ]
    return [("".join(text for text, _ in run), ink) for ink, run in groupby(cells, itemgetter(1))]


def _length(minutes: int) -> str:
    """Return how long a spike was, in whole quarters of an hour."""
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:g} h"


def _plot_of(snapshot: Snapshot, size: Size, inks: Inks) -> chart.Plot:
    """Return what the fine chart is drawn from."""
    width = size.width - AXIS_WIDTH - chart.LABEL
    columns = columns_of(snapshot.chart, width)
    top = nice_top(_peak(columns))
    total = chart.Curve("total", tuple(map(sum, columns.stacks)), inks.muted)
    curves = [
        chart.Curve(
            fmt.fit_to(fmt.short_model(series.name), chart.LABEL - 2),
            tuple(stack[index] for stack in columns.stacks),
            inks.chart[index % len(inks.chart)],
        )
        for index, series in enumerate(snapshot.chart.series)
    ]
    levels = tuple((top * part // 4, f"{fmt.axis_money(top * part // 4):>7}") for part in range(5))
    marks = tuple(ticks(columns, snapshot.zone))
    return chart.Plot((total, *curves), top, marks, levels, size, inks.muted)
