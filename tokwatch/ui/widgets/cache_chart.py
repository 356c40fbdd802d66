"""The hit rate over time, by tokens and by requests, and where breaks cost money."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.binding import BindingType
from textual.geometry import Size

from tokwatch.analysis.calendar import instant
from tokwatch.model.caching import CacheSum
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.cache import CachePage, grouped
from tokwatch.ui import cache_words as words
from tokwatch.ui import format as fmt
from tokwatch.ui.glyphs import PART_UP, tall_spark
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.stacks import Columns, axis, ticks
from tokwatch.ui.widgets.page_pane import PagePane
from tokwatch.ui.widgets.painted import ZOOM

AXIS_WIDTH: Final = 5
"""Cells of a label such as 100% and the axis itself."""
WITH_AXIS: Final = 7
"""Lines from which there is room for the axis and the rate by requests."""
LOST: Final = "▾"


class CacheChart(PagePane[CachePage], can_focus=True):
    """Both rates over time."""

    TITLE = "hit rate"
    KIND = CachePage
    HELP = """
    # Hit rate over time
    The bars are the share of the prompt that was read from the cache; beneath them, `req`, the
    share of the requests that read anything from it, and `▾` where a break cost money.
    """
    BINDINGS: ClassVar[list[BindingType]] = [ZOOM]

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return what a bar stands for."""
        line: Line = [("hit rate", inks.text)]
        if self.content is None:
            return line
        width = self.size.width
        step = fmt.duration(grouped(self.content.course, self._cells(width - 4))[1])
        line.append((f" per {step}", inks.muted))
        if not self.content.is_whole:
            line.append((words.reading(self.content.read, self.content.requests), inks.warning))
        return line

    def corner(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the shown range."""
        return [(f"[{snapshot.span}]", inks.accent)]

    def page(self, content: CachePage, size: Size, inks: Inks) -> list[Line]:
        """Return bars, marks and axes."""
        cells = self._cells(size.width)
        if not content.total.prompt or cells < 1:
            return [[(_why_empty(content), inks.muted)]]
        groups, seconds = grouped(content.course, cells)
        stacks = tuple((0,) for _ in groups)
        columns = Columns(stacks, cells, seconds, instant(content.course.start_ms))
        line, labels = axis(ticks(columns, self.snapshot.zone if self.snapshot else "UTC"), cells)
        wide = [groups[cell * len(groups) // cells] for cell in range(cells)]
        beneath: list[Line] = [
            [(f"{'0%':>4}┼{line}", inks.muted)],
            [(" " * AXIS_WIDTH + labels, inks.muted)],
            [(f"{'req':>4} ", inks.muted), ("".join(map(_request_bar, wide)), inks.accent)],
            [(f"{'lost':>4} ", inks.muted), ("".join(map(_mark, wide)), inks.warning)],
        ]
        if size.height < WITH_AXIS:
            beneath = beneath[1:2] + beneath[3:]
        rows = max(1, size.height - len(beneath))
        plot = tall_spark(
            [None if one is None else one.token_rate for one in wide], cells, rows, 1.0
        )
        bars: list[Line] = [
            [(_label(row, rows), inks.muted), (text, inks.trend)] for row, text in enumerate(plot)
        ]
        return [*bars, *beneath]

    @staticmethod
    def _cells(width: int) -> int:
        return max(0, width - AXIS_WIDTH)

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what the rates are shares of."""
        return (
            "By tokens: cache reads as a share of all prompt tokens. By requests: those that "
            "read anything, as a share of those of which it is known.",
            "Where nothing was sent, or the source does not tell its reads, there is no bar.",
        )


def _label(row: int, rows: int) -> str:
    if row == 0:
        return "100%┤"
    return " 50%┤" if rows >= 4 and row * 2 == rows - rows % 2 else "    │"


def _request_bar(one: CacheSum | None) -> str:
    share = None if one is None else one.request_rate
    return " " if share is None else PART_UP[max(1, round(share * 8))]


def _mark(one: CacheSum | None) -> str:
    return LOST if one is not None and one.lost_nano > 0 else " "


def _why_empty(content: CachePage) -> str:
    if not content.requests:
        return "nothing was sent in this range; } widens it, [ goes back"
    if not content.is_whole:
        return "reading …"
    return "no source here tells what it read from the cache"
