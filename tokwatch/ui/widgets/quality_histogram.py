"""How often which values occur; of a share, who tells it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.geometry import Size

from tokwatch.analysis.distribution import Bar
from tokwatch.analysis.measured import Measured
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.quality import QualityPage
from tokwatch.ui import format as fmt
from tokwatch.ui import quality_words as words
from tokwatch.ui.glyphs import PART_UP, gauge
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.quality_subject import Subject, measured_of, ratio_of
from tokwatch.ui.widgets.page_pane import PagePane
from tokwatch.ui.widgets.painted import ZOOM

LABEL: Final = 6
WIDEST: Final = 6
"""Cells of a bar."""


class QualityHistogram(PagePane[QualityPage], can_focus=True):
    """Bars between round bounds."""

    TITLE = "distribution"
    KIND = QualityPage
    HELP = """
    # Distribution
    How many values lie between the bounds beneath the bars: at 1, 2, 5, 10, 20 ... where values
    reach far, else at equal distances. Each value is in one bar. Of a share: who tells it.
    """
    BINDINGS: ClassVar[list[BindingType]] = [ZOOM]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.subject = Subject("latency")

    def show(self, subject: Subject) -> None:
        """Draw another measure or share."""
        if subject != self.subject:
            self.subject = subject
            self.redraw()

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return whose distribution it is."""
        name = fmt.clean(self.subject.name)
        if self.subject.is_ratio:
            return [(name, inks.text), (" · by source", inks.muted)]
        return [(name, inks.text), (" · distribution", inks.muted)]

    def page(self, content: QualityPage, size: Size, inks: Inks) -> list[Line]:
        """Return bars and bounds, or a line for each source."""
        ratio = ratio_of(content, self.subject)
        if ratio is not None:
            return [
                _share(one.source, one.known, one.whole, size.width, inks, ratio.aim.is_money)
                for one in ratio.told
            ] or [[("no log tells it in this range", inks.muted)]]
        found = measured_of(content, self.subject)
        if found is None or not found.bars:
            return [[("no value in this range", inks.muted)]]
        return histogram_lines(found, size, inks)

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what a bar is."""
        return ("A bar counts the values from one bound up to, but without, the next one.",)


def histogram_lines(found: Measured, size: Size, inks: Inks) -> list[Line]:
    """Return bars that stand on their bounds, as wide as there is room."""
    shown = found.bars
    room = max(1, size.width - LABEL)
    cells = max(1, min(WIDEST, room // len(shown)))
    while len(shown) * cells > room:
        shown = _paired(shown)
    rows = max(1, size.height - 2)
    peak = max(bar.values for bar in shown)
    eighths = [max(1, round(bar.values / peak * rows * 8)) if bar.values else 0 for bar in shown]
    lines: list[Line] = []
    for row in reversed(range(rows)):
        label = fmt.count(peak) if row == rows - 1 else ""
        text = "".join(PART_UP[max(0, min(8, high - row * 8))] * cells for high in eighths)
        lines.append([(f"{label:>{LABEL - 1}}│", inks.muted), (text, inks.trend)])
    width = len(shown) * cells
    lines.append([(" " * (LABEL - 1) + "┼" + "─" * width, inks.muted)])
    return [*lines, [(" " * LABEL + _bounds(found, shown, cells), inks.muted)]]


def _paired(shown: Sequence[Bar]) -> tuple[Bar, ...]:
    """Return neighbours joined: half as many bars."""
    pairs = [shown[first : first + 2] for first in range(0, len(shown), 2)]
    return tuple(
        Bar(pair[0].since, pair[-1].until, sum(bar.values for bar in pair)) for pair in pairs
    )


def _bounds(found: Measured, shown: Sequence[Bar], cells: int) -> str:
    """Return as many bounds as there is room for, each beneath the left edge of its bar."""
    text = ""
    for place, bar in enumerate(shown):
        if place * cells >= len(text) + (1 if text else 0):
            text = text.ljust(place * cells) + words.value(bar.since, found.definition)
    return text


def _share(source: str, part: int, whole: int, width: int, inks: Inks, is_money: bool) -> Line:
    """Return what one source tells of a share."""
    name = fmt.fit(source, min(14, max(6, width - 18)))
    if is_money:
        per = words.money(part * 1_000_000 / whole) if whole else words.UNKNOWN
        return [
            (name, inks.text),
            (f" {per:>8}", inks.strong),
            (f"  of {fmt.count(whole)}", inks.muted),
        ]
    told = f" {words.share(part / whole if whole else None):>6}"
    count = f"  {part:,} of {whole:,}"
    room = width - len(name) - len(told) - len(count) - 1
    line: Line = [(name, inks.text), (told, inks.strong), (count, inks.muted)]
    if room >= 6:
        full, rest = gauge(part / whole if whole else 0.0, room)
        line += [(" ", inks.text), (full, inks.trend), (rest, inks.frame)]
    return line
