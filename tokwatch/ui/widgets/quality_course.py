"""One measure or share over time, with a cursor and the instant that was marked."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message

from tokwatch.analysis.calendar import instant
from tokwatch.analysis.trend import Cut, Trend
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.quality import QualityPage
from tokwatch.ui import format as fmt
from tokwatch.ui.glyphs import TEXTURES, resample
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.quality_subject import Series, Subject, round_top, series_of
from tokwatch.ui.stacks import Columns, axis, bars, ticks
from tokwatch.ui.widgets.page_pane import PagePane

AXIS_WIDTH: Final = 8
"""Cells of a label and the axis itself."""
FINE: Final = 10_000
"""Steps of a bar's height: charts are drawn of whole numbers."""
CURSOR: Final = "◆"
MARK: Final = "┃"


class QualityCourse(PagePane[QualityPage], can_focus=True):
    """The median and the 90th percentile as bars."""

    TITLE = "over time"
    KIND = QualityPage
    HELP = """
    # Over time
    The line of the tables above that was selected last: of a measure the median (p50) and, above
    it, the 90th percentile; of a share its value.

    * `left` `right` move the cursor, whose values stand in the corner
    * `space` marks the instant under the cursor: the tables then compare what was before with what
      came after; again on the same instant it takes the mark away
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "Earlier", show=False, id="moment.before",
                tooltip="The cursor to the moment before"),
        Binding("right", "move(1)", "Later", show=False, id="moment.next",
                tooltip="The cursor to the next moment"),
        Binding("enter", "open", "Open", show=False, id="row.open",
                tooltip="Open the selected line"),
    ]  # fmt: skip

    class Opened(Message):
        """All of the subject is wanted."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.subject = Subject("latency")
        self.cursor_ms: int | None = None

    def show(self, subject: Subject) -> None:
        """Draw another measure or share."""
        if subject != self.subject:
            self.subject = subject
            self.redraw()

    def action_open(self) -> None:
        """Show all of it."""
        self.post_message(self.Opened())

    def action_move(self, steps: int) -> None:
        """Move the cursor by stretches of time; it begins at the last one."""
        if self.content is None:
            return
        starts = self.content.whole.division.starts
        here = self._place(starts)
        place = len(starts) - 1 if here is None else here + steps
        self.cursor_ms = starts[max(0, min(len(starts) - 1, place))]
        self.redraw()

    def _place(self, starts: tuple[int, ...]) -> int | None:
        """Return the stretch that the cursor is in."""
        if self.cursor_ms is None or self.cursor_ms < starts[0]:
            return None
        return max(place for place, start in enumerate(starts) if start <= self.cursor_ms)

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return what is drawn."""
        line: Line = [(fmt.clean(self.subject.name), inks.text)]
        if self.content is None:
            return line
        if self._place(self.content.whole.division.starts) is not None:
            return line  # the corner needs the room
        seconds = _step_seconds(self.content.whole.division)
        if not self.subject.is_ratio:
            line += [(" · ", inks.muted), (TEXTURES[0], inks.fill[0]), (" p50 ", inks.muted)]
            line += [(TEXTURES[1], inks.fill[1]), (" p90", inks.muted)]
        return [*line, (f" per {fmt.duration(seconds)}", inks.muted)]

    def corner(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the values under the cursor, else how to move it."""
        page = self.content
        series = series_of(page, self.subject) if page else None
        if page is None or series is None:
            return []
        place = self._place(page.whole.division.starts)
        if place is None:
            hint = "← → choose, space marks" if self.has_focus else ""
            return [(hint, inks.muted)] if hint else []
        low, high = series.low[place], series.high[place]
        at = fmt.moment(instant(page.whole.division.starts[place]), self.now, snapshot.zone)
        told = "nothing" if low is None else series.words(low)
        if high is not None and not self.subject.is_ratio:
            told += f" · {series.words(high)}"
        return [(f"{CURSOR} {at}", inks.accent), (f" {told}", inks.text)]

    def page(self, content: QualityPage, size: Size, inks: Inks) -> list[Line]:
        """Return marks, bars and axes."""
        series = series_of(content, self.subject)
        width = size.width - AXIS_WIDTH
        if series is None or width < 1 or all(value is None for value in series.low):
            return [[(_why_empty(content, self.subject), inks.muted)]]
        division = content.whole.division
        has_mark = content.mark_ms is not None
        rows = max(1, size.height - (3 if has_mark else 2))
        peak = max(value for value in series.high if value is not None)
        unit = series.definition.unit if series.definition else None
        top = series.top or round_top(peak, unit)
        columns = _columns(series, division, width, top)
        lines: list[Line] = [self._marks(content, division, width, inks)] if has_mark else []
        for row, cells in enumerate(bars(columns, rows, FINE, inks)):
            lines.append([(_label(series, row, rows, top), inks.muted), *cells])
        drawn, labels = axis(ticks(columns, self.snapshot.zone if self.snapshot else "UTC"), width)
        lines.append(self._axis(division, drawn, inks))
        return [*lines, [(" " * AXIS_WIDTH + labels, inks.muted)]]

    def _axis(self, division: Cut, drawn: str, inks: Inks) -> Line:
        """Return the axis with the cursor on it."""
        head: Line = [(f"{'0':>7}┼", inks.muted)]
        place = self._place(division.starts)
        if place is None:
            return [*head, (drawn, inks.muted)]
        cell = _cell(place, len(division.starts), len(drawn))
        return [
            *head,
            (drawn[:cell], inks.muted),
            (CURSOR, inks.accent),
            (drawn[cell + 1 :], inks.muted),
        ]

    def _marks(self, page: QualityPage, division: Cut, width: int, inks: Inks) -> Line:
        """Return the line that tells before from after."""
        assert page.mark_ms is not None
        zone = self.snapshot.zone if self.snapshot else "UTC"
        at = f"{MARK} {fmt.moment(instant(page.mark_ms), self.now, zone)}"
        inside = [place for place, start in enumerate(division.starts) if start <= page.mark_ms]
        cell = width * len(inside[:-1]) // len(division.starts)
        cell = min(cell, max(0, width - len(at)))
        before = f"{'before ':>{cell}}" if cell >= 7 else " " * cell
        after = " after" if width - cell - len(at) >= 6 else ""
        return [
            (" " * AXIS_WIDTH + before, inks.muted),
            (at, inks.accent),
            (after, inks.muted),
        ]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what a bar is."""
        return (
            "A bar is the median, and above it the 90th percentile, of the values of one stretch "
            "of time; of a share its parts over its wholes there. Where nothing is known there is "
            "no bar. Where there are more stretches than cells, a bar is the mean of neighbours.",
        )


def _columns(series: Series, division: Cut, width: int, top: float) -> Columns:
    """Return both trends as stacked bars, in whole numbers of the chart's height."""
    low, high = _scaled(series.low, width, top), _scaled(series.high, width, top)
    stacks = tuple((one, max(0, other - one)) for one, other in zip(low, high, strict=True))
    length = len(division.starts)
    seconds = _step_seconds(division) * length // len(stacks)
    last_ms = division.starts[-1]
    start_ms = last_ms - (length - 1) * _step_seconds(division) * 1000
    return Columns(stacks, width, max(1, seconds), instant(start_ms))


def _scaled(trend: Trend, width: int, top: float) -> list[int]:
    """Return values as so many steps of the chart's height; unknown ones as none."""
    return [round((value or 0) / top * FINE) for value in resample(trend, width)]


def _step_seconds(division: Cut) -> int:
    """Return how long a stretch is, to the minute; the first and the last may be others."""
    starts = division.starts
    if len(starts) < 2:
        return max(1, (division.until_ms - starts[0]) // 1000)
    middle = len(starts) // 2
    return max(60, round((starts[middle] - starts[middle - 1]) / 60_000) * 60)


def _cell(place: int, count: int, width: int) -> int:
    """Return the cell in the middle of a stretch."""
    return min(width - 1, (2 * place + 1) * width // (2 * count))


def _label(series: Series, row: int, rows: int, top: float) -> str:
    if row == 0:
        return f"{series.words(top):>7}┤"
    if rows >= 4 and row * 2 == rows:
        return f"{series.words(top / 2):>7}┤"
    return f"{'│':>8}"


def _why_empty(page: QualityPage, subject: Subject) -> str:
    if not page.whole.requests:
        return "nothing was sent in this range; } widens it, [ goes back"
    return f"no log tells {fmt.clean(subject.name)} here; enter says who does"
