"""The context over time: each request's prompt as a bar, compactions as cliffs, and a cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message

from tokwatch.analysis.calendar import instant
from tokwatch.model.session import SessionRequest
from tokwatch.model.snapshot import Context, Snapshot
from tokwatch.pages.session import SessionPage
from tokwatch.ui import format as fmt
from tokwatch.ui import session_words as words
from tokwatch.ui.glyphs import TEXTURES
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, Run, width_of
from tokwatch.ui.stacks import Columns, bars
from tokwatch.ui.widgets.page_pane import PagePane
from tokwatch.ui.widgets.painted import ZOOM
from tokwatch.ui.widgets.session_columns import share_of

AXIS_WIDTH: Final = 9
"""Cells of a label such as 1,000k, the mark of a level, and the axis itself."""
WIDEST_BAR: Final = 6
"""Cells of one bar where there are few."""
WITH_TIMES: Final = 4
"""Lines from which there is room for times beneath the axis."""
LIMIT_FROM: Final = 0.2
"""Share of the window from which the chart reaches up to it."""
CLASSES: Final = ("cache read", "cache written", "new input")
Cells = list[Run]


class SessionTimeline(PagePane[SessionPage], can_focus=True):
    """One bar for each request, or for several where there are many."""

    TITLE = "context"
    KIND = SessionPage
    HELP = """
    # Context over time
    One bar for each request: what it read from the cache, wrote to it, and sent beside it, which
    together is the context that it used. `↑` beneath a bar marks a compaction before it, or where
    only the prompts show one. `!` and `!!` at the axis are the warning and the critical share of
    the window (`[context]` in config.toml).

    * `left` `right` move the cursor `◆` by a request, with shift by ten
    * a click goes to a bar, `v` shows what else there is beneath
    """
    BINDINGS: ClassVar[list[BindingType]] = [ZOOM]

    cursor: int | None = None
    """Key of the chosen request; None follows the newest."""

    class Pointed(Message):
        """A bar was clicked."""

        def __init__(self, key: int) -> None:
            super().__init__()
            self.key = key

    def point_at(self, key: int | None) -> None:
        """Put the cursor on a request."""
        self.cursor = key
        self.redraw()

    @property
    def place(self) -> int | None:
        """The point under the cursor."""
        if self.content is None or not self.content.course.points:
            return None
        points = self.content.course.points
        if self.cursor is None:
            return len(points) - 1
        return self.content.course.places.get(self.cursor)

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return what the bars are made of."""
        line: Line = [("context", inks.text), (" · tokens a request", inks.muted)]
        for name, texture, ink in zip(CLASSES, TEXTURES, inks.fill, strict=False):
            line += [("  ", inks.text), (texture, ink), (f" {name}", inks.muted)]
        return line if width_of(line) + 30 <= self.size.width else line[:2]

    def corner(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the request under the cursor."""
        page, place = self.content, self.place
        if page is None or place is None:
            return []
        point = page.course.points[place]
        number = page.course.numbers[point.key]
        at = instant(point.instant_ms).astimezone(fmt.zone(snapshot.zone))
        line: Line = [("◆ ", inks.accent), (f"{at:%H:%M:%S} #{number}", inks.text)]
        context = page.row.context if page.row else None
        size = f" · {fmt.count(point.prompt)}"
        if context is not None:
            size += f" {share_of(_at(context, point.prompt))}"
        return [*line, (size, inks.muted)]

    def page(self, content: SessionPage, size: Size, inks: Inks) -> list[Line]:
        """Return the bars, the lines at the limits, and the axis."""
        points = content.course.points
        width = min(size.width - AXIS_WIDTH, len(points) * WIDEST_BAR)
        if not points or width < 1:
            return [[(_why_empty(content), inks.muted)]]
        with_times = size.height > WITH_TIMES
        rows = max(1, size.height - 1 - with_times)
        top = _top(content)
        columns = _columns(points, width)
        plot = [_cells(line, width) for line in bars(columns, rows, top, inks)]
        room = size.width - AXIS_WIDTH
        plot = [[*cells, *[(" ", inks.text)] * (room - len(cells))] for cells in plot]
        _draw_limits(plot, content, top, inks)
        place = self.place
        if place is not None:
            _draw_cursor(plot, _cell_of(place, len(points), width), inks)
        lines: list[Line] = [
            [*_label(row, rows, top, content, inks), *cells] for row, cells in enumerate(plot)
        ]
        lines.append([(f"{'0':>6}  ┼", inks.muted), *self._axis(content, width, room, inks)])
        if with_times:
            times = self._times(points, width, room)
            lines.append([(" " * AXIS_WIDTH, inks.muted), (times, inks.muted)])
        return lines

    def _axis(self, content: SessionPage, width: int, room: int, inks: Inks) -> Cells:
        """Return the axis, with the compactions and the cursor on it."""
        points = content.course.points
        axis: Cells = [("─", inks.muted)] * room
        for cliff in content.course.cliffs:
            axis[_cell_of(cliff.place, len(points), width)] = ("↑", inks.warning)
        if (place := self.place) is not None:
            axis[_cell_of(place, len(points), width)] = ("◆", inks.accent)
        return axis

    def _times(self, points: tuple[SessionRequest, ...], width: int, room: int) -> str:
        """Return the times of some of the requests, each beneath its bar."""
        zone = fmt.zone(self.snapshot.zone if self.snapshot else "UTC")
        first, last = (instant(point.instant_ms) for point in (points[0], points[-1]))
        pattern = "%H:%M" if (last - first).days < 1 else "%d %b %H:%M"
        text, free = [" "] * room, 0
        for cell in range(width):
            place = cell * len(points) // width
            begins = not cell or place != (cell - 1) * len(points) // width
            label = f"{instant(points[place].instant_ms).astimezone(zone):{pattern}}"
            if begins and cell >= free and cell + len(label) <= room:
                text[cell : cell + len(label)] = label
                free = cell + len(label) + 6
        return "".join(text)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the clicked bar."""
        if self.content is None or not self.content.course.points:
            return
        points = self.content.course.points
        width = min(self.size.width - 4 - AXIS_WIDTH, len(points) * WIDEST_BAR)
        cell = event.x - 2 - AXIS_WIDTH
        if 0 <= cell < width and 0 < event.y < self.size.height - 1:
            place = _last_of(cell, len(points), width)
            self.post_message(self.Pointed(points[place].key))

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what a bar is, and how the lines are known."""
        return (
            "Each bar is the prompt of one request, as its provider counted it: cache reads, "
            "cache writes and input together are the context that it used.",
            "Sums of several requests, and small requests to another model in between, have no "
            "bar. Where there are more requests than cells, a bar is the last of several.",
            "The window is as the log names it, as config.toml sets it, inferred from a larger "
            "prompt, or from the table of models; the second line is where the tool compacted.",
        )


def _at(context: Context, tokens: int) -> Context:
    """Return a context as another prompt fills it."""
    share = tokens / context.window
    return Context(tokens, context.window, context.basis, share, context.level)


def _top(page: SessionPage) -> int:
    """Return what the full height stands for: the window, unless little of it was ever used."""
    peak = page.course.peak
    context = page.row.context if page.row else None
    if context is not None and peak >= context.window * LIMIT_FROM:
        return max(context.window, peak)
    if page.usable is not None and page.usable.is_seen:
        return max(page.usable.tokens, peak)
    return peak


def _columns(points: tuple[SessionRequest, ...], width: int) -> Columns:
    stacks = []
    count = min(width, len(points))
    for bar in range(count):
        told = points[_last_of(bar, len(points), count)].cached
        written = told.cache_write_5m + told.cache_write_1h
        stacks.append((told.cache_read or 0, written, told.input))
    return Columns(tuple(stacks), width, 0, instant(points[0].instant_ms))


def _last_of(cell: int, points: int, width: int) -> int:
    """Return the last point that a cell shows."""
    return max(cell * points // width, (cell + 1) * points // width - 1)


def _cell_of(place: int, points: int, width: int) -> int:
    """Return the first cell that shows a point."""
    if points > width:
        return ((place + 1) * width - 1) // points
    return -(-place * width // points)


def _cells(line: Line, width: int) -> Cells:
    """Return a line as single cells."""
    cells = [(letter, ink) for text, ink in line for letter in text]
    return cells + [(" ", Style())] * (width - len(cells))


def _label(row: int, rows: int, top: int, page: SessionPage, inks: Inks) -> Line:
    """Return the tokens at the upper edge of a row, and which share of the window lies in it."""
    context = page.row.context if page.row else None
    mark, ink = "", inks.muted
    if context is not None:
        low, high = top * (rows - 1 - row), top * (rows - row)
        for share, name, level in (
            (page.warning, "!", "warning"),
            (page.critical, "!!", "critical"),
        ):
            if low < context.window * share * rows <= high:
                mark, ink = name, inks.context[level]
    is_told = row == 0 or (rows >= 6 and row == rows // 2)
    text = fmt.count(top * (rows - row) // rows) if is_told else ""
    return [(f"{text:>6}", inks.muted), (f"{mark:>2}", ink), ("┤" if is_told else "│", inks.muted)]


def _draw_limits(plot: list[Cells], page: SessionPage, top: int, inks: Inks) -> None:
    """Draw the window, and up to where it can be used, where the cells are free."""
    context = page.row.context if page.row else None
    if context is None:
        return
    sure = "" if context.basis in ("logged", "configured") else "≈"
    window = f"window {sure}{fmt.count(context.window)} {context.basis}"
    lines = {_row_of(context.window, top, len(plot)): ("╌", [window], inks.warning)}
    if page.usable is not None and page.usable.is_seen:
        row = _row_of(page.usable.tokens, top, len(plot))
        told = f"compacted at {fmt.count(page.usable.tokens)}"
        if row in lines:
            lines[row][1].insert(0, f"{window} · {told}")
        else:
            lines[row] = ("┄", [told], inks.muted)
    for row, (glyph, wordings, ink) in lines.items():
        if 0 <= row < len(plot):
            _draw_line(plot[row], glyph, wordings, ink)


def _row_of(tokens: int, top: int, rows: int) -> int:
    """Return the row in which so many tokens end, from the top; above it a negative one."""
    return rows - -(-tokens * rows // top)


def _draw_line(cells: Cells, glyph: str, wordings: Sequence[str], ink: Style) -> None:
    """Draw a line through the free cells; the first gap that is long enough says what it is."""
    free = "".join("." if text == " " else "x" for text, _ in cells)
    for place, mark in enumerate(free):
        if mark == ".":
            cells[place] = (glyph, ink)
    for told in wordings:
        start = free.find("." * (len(told) + 6))
        if start >= 0:
            named = [(letter, ink) for letter in f" {told} "]
            cells[start + 2 : start + 2 + len(named)] = named
            return


def _draw_cursor(plot: list[Cells], cell: int, inks: Inks) -> None:
    """Draw a thin line above the bar under the cursor."""
    for cells in plot:
        if cells[cell][0] in (" ", "╌", "┄"):
            cells[cell] = ("┊", inks.accent)


def _why_empty(page: SessionPage) -> str:
    if page.row is None:
        why = words.nothing_words(page)
        return why if page.pruned_nano is not None else f"{why}; n goes to now, ] goes on"
    return words.reading_words(page) or "its source tells sums of requests only: nobody's context"
