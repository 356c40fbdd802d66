"""The chart of triage: spending around the two stretches, which are marked above it."""

from __future__ import annotations

from typing import ClassVar, Final

from rich.style import Style
from textual.binding import BindingType
from textual.geometry import Size

from tokwatch.analysis.baseline import Stretch
from tokwatch.analysis.calendar import instant
from tokwatch.model.snapshot import Chart, Series, Snapshot
from tokwatch.pages.triage import Course, TriagePage
from tokwatch.ui import format as fmt
from tokwatch.ui import triage_names as names
from tokwatch.ui.glyphs import TEXTURES
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, Run, width_of
from tokwatch.ui.stacks import Columns, axis, bars, columns_of, levels_of, ticks
from tokwatch.ui.widgets.page_pane import PagePane
from tokwatch.ui.widgets.painted import ZOOM

AXIS_WIDTH: Final = 8
"""Cells of a money label and the axis itself."""
WITH_AXES: Final = 6
"""Lines from which there is room for axes."""
HOUR_S: Final = 3600
EXPECTED: Final = "┄"


class TriageChart(PagePane[TriagePage], can_focus=True):
    """Bars of A, B and the time around them."""

    TITLE = "spend"
    KIND = TriagePage
    HELP = """
    # Spending around A and B
    A is the stretch of time in question, B what it is compared with. Bars within A, within B and
    elsewhere have textures of their own; the dotted line is what B leads to expect. `▲` above
    the bars marks an anomaly.

    * `[` `]` move A by half its length, `{` `}` make it shorter or longer
    * `b` takes another baseline: the time before, the same time yesterday, the 7 days before
    * `<` `>` go to the anomaly before and after, `n` to the newest
    """
    BINDINGS: ClassVar[list[BindingType]] = [ZOOM]

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return where A and B lie."""
        page = self.content
        if page is None:
            return [(self.TITLE, inks.text)]
        found, zone = page.triage, snapshot.zone
        line: Line = [(TEXTURES[0], inks.fill[0])]
        line.append((f" A {names.stretch_words(found.shown, zone)}", inks.text))
        if page.anomaly is not None:
            line.append((" (anomaly)", inks.warning))
        line += [("  ", inks.text), (TEXTURES[1], inks.fill[1])]
        baseline = f" B {names.stretch_words(found.baseline, zone, found.shown)}"
        scaled = "" if found.scale == 1 else ", scaled"
        for told in (f"{baseline}, {names.baseline_words(page)}{scaled}", baseline):
            if width_of(line) + len(told) <= self.size.width - 7:
                return [*line, (told, inks.muted)]
        return [*line, (f" B {names.baseline_words(page)}", inks.muted)]

    def corner(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the keys of A; without a money axis the highest rate."""
        if self.size.height - 2 >= WITH_AXES or self.content is None:
            return [("[ ] move A · { } size", inks.muted)]
        course = self.content.course
        rate = max(course.nano, default=0) * 3_600_000 // course.bucket_ms
        return [(f"max {fmt.money(rate)}/h", inks.muted)]

    def page(self, content: TriagePage, size: Size, inks: Inks) -> list[Line]:
        """Return the marks, the bars and the axes."""
        course = content.course
        with_axes = size.height >= WITH_AXES
        width = size.width - (AXIS_WIDTH if with_axes else 0)
        columns = columns_of(_chart(content), width)
        peak = max((sum(stack) for stack in columns.stacks), default=0)
        if not peak or width < 1:
            return [[("nothing was spent around here; [ goes back, } widens A", inks.muted)]]
        rate = max(peak * HOUR_S // columns.seconds, course.expected_per_hour)
        rows = max(1, size.height - (3 if with_axes else 2))
        top, levels = levels_of(rate, rows)
        plot = bars(columns, rows, top * columns.seconds // HOUR_S, inks)
        _draw_expected(plot, course.expected_per_hour, top, inks.muted)
        marks = _marks(content, columns, inks)
        line, labels = axis(ticks(columns, self._zone), width)
        if not with_axes:
            return [marks, *plot, [(labels, inks.muted)]]
        lines: list[Line] = [[(f"{'$/h':>7} ", inks.muted), *marks]]
        for row, cells in enumerate(plot):
            label = f"{fmt.axis_money(levels[row]):>7}┤" if row in levels else f"{'│':>8}"
            lines.append([(label, inks.muted), *cells])
        lines.append([(f"{fmt.axis_money(0):>7}┼{line}", inks.muted)])
        lines.append([(" " * AXIS_WIDTH + labels, inks.muted)])
        return lines

    @property
    def _zone(self) -> str:
        return self.snapshot.zone if self.snapshot else "UTC"

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what the bars are."""
        return (
            "What all requests cost, as dollars an hour; stretches are whole quarters of an hour, "
            "and of the running one only what has passed counts.",
            "The dotted line is what B cost, scaled to the length of A. An anomaly is an hour "
            "that cost at least three times the usual of this time of the week, and more than "
            "your hours usually scatter.",
        )


def _chart(page: TriagePage) -> Chart:
    """Return the buckets as series: of A, of B, elsewhere, and what was not narrowed to."""
    course, found = page.course, page.triage
    inside = course.narrowed or course.nano
    in_a = [_is_in(course, place, found.shown) for place in range(len(inside))]
    in_b = [_is_in(course, place, found.baseline) for place in range(len(inside))]
    parts = (
        in_a,
        [b and not a for a, b in zip(in_a, in_b, strict=True)],
        [not (a or b) for a, b in zip(in_a, in_b, strict=True)],
    )
    series = [
        Series(name, tuple(nano if here else 0 for nano, here in zip(inside, part, strict=True)))
        for name, part in zip("AB-", parts, strict=True)
    ]
    if course.narrowed:
        rest = zip(course.nano, course.narrowed, strict=True)
        series.append(Series("others", tuple(all_ - own for all_, own in rest)))
    return Chart(instant(course.start_ms), course.bucket_ms // 1000, tuple(series))


def _is_in(course: Course, place: int, of: Stretch) -> bool:
    middle_ms = course.start_ms + place * course.bucket_ms + course.bucket_ms // 2
    return of.since_ms <= middle_ms < of.until_ms


def _draw_expected(plot: list[Line], per_hour: int, top: int, ink: Style) -> None:
    """Draw a dotted line where a row is empty, at the height of what is expected."""
    if per_hour <= 0 or not top:
        return
    row = len(plot) - 1 - min(len(plot) - 1, per_hour * len(plot) // top)
    plot[row] = [part for text, style in plot[row] for part in _dotted(text, style, ink)]


def _dotted(text: str, style: Style, ink: Style) -> list[Run]:
    return [(EXPECTED * len(text), ink)] if text.isspace() else [(text, style)]


def _marks(page: TriagePage, columns: Columns, inks: Inks) -> Line:
    """Return the line above the bars: where A and B begin and end, and the anomalies."""
    start_ms = page.course.start_ms
    length_ms = max(1, len(columns.stacks) * columns.seconds * 1000)

    def cell(at_ms: int) -> int:
        return (at_ms - start_ms) * columns.width // length_ms

    marks: Line = [(" ", inks.muted)] * columns.width
    for of, name, ink in (
        (page.triage.baseline, "B", inks.muted),
        (page.triage.shown, "A", inks.accent),
    ):
        first, last = cell(of.since_ms), max(cell(of.since_ms), cell(of.until_ms) - 1)
        for place in range(max(0, first), min(columns.width, last + 1)):
            marks[place] = (name if place in (first, last) else "─", ink)
    for one in page.anomalies:
        place = cell((one.since_ms + one.until_ms) // 2)
        if 0 <= place < columns.width:
            marks[place] = ("▲", inks.warning)
    return marks
