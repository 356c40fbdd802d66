"""A tile: one figure in a frame, with as much of its trend and its meaning as there is room for."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.geometry import Size

from tokwatch.model.snapshot import Snapshot
from tokwatch.ui import format as fmt
from tokwatch.ui.glyphs import spark, tall_spark
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, width_of
from tokwatch.ui.widgets.painted import ZOOM, Pane

EQUIVALENT: Final = (" · API-equivalent", " · equivalent", " · equiv.")
"""What money is to one who pays by subscription, the fullest wording first."""
NAME: Final = 9
"""Cells of a tile's name where it has no frame to stand in."""
SPARK: Final = 24
"""The widest sparkline beside a figure."""
TALL: Final = 8


class Tile(Pane, can_focus=True):
    """One figure, what it is set against, and its trend."""

    SHORT: ClassVar[str] = ""
    """The title where there is little room."""
    BINDINGS: ClassVar[list[BindingType]] = [ZOOM]

    TREND_TOP: ClassVar[float | None] = None
    """What the trend's full height stands for; without one, its highest value."""

    def headlines(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return the figure and what it is set against, the fullest wording first."""
        raise NotImplementedError

    def notes(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return a second line for tiles that have room, the fullest wording first."""
        raise NotImplementedError

    def caption(self, snapshot: Snapshot) -> str:
        """Say what the sparkline shows, for a tile that fills the screen."""
        return ""

    def trend(self, snapshot: Snapshot) -> Sequence[float | None]:
        """Return the values of the sparkline, oldest first."""
        return ()

    def name_of(self, snapshot: Snapshot) -> str:
        """Return the tile's name where it has no frame to stand in."""
        return self.SHORT

    async def on_click(self) -> None:
        await self.run_action("screen.zoom")

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the title, the short one where the tile is small."""
        return [(self.TITLE if self.size.width >= 24 else self.SHORT, inks.text)]

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return the headline, then trend, note and meaning as far as there is room."""
        headline = fitting(self.headlines(snapshot, inks), size.width)
        note = fitting(self.notes(snapshot, inks), size.width)
        trend, top = self.trend(snapshot), self.TREND_TOP
        if size.height <= 1:
            room = min(SPARK, size.width - width_of(headline) - 2)
            if trend and room >= 5:
                headline = [*headline, ("  " + spark(trend[-room:], room, top), inks.trend)]
            return [headline]
        if size.height == 2:
            bar: Line = [(spark(trend, min(len(trend), size.width), top), inks.trend)]
            return [headline, bar if trend else note]
        lines = [headline, note]
        if trend:
            lines += self._picture(snapshot, trend, size, inks)
        for sentence in self.meaning(snapshot):
            lines += [[], *([(line, inks.muted)] for line in textwrap.wrap(sentence, size.width))]
        return lines

    def _picture(
        self, snapshot: Snapshot, trend: Sequence[float | None], size: Size, inks: Inks
    ) -> list[Line]:
        """Return the sparkline as high as there is room, and beneath it what it shows."""
        room = size.width if size.height > 4 else SPARK
        wide = _stretched(trend[-max(1, size.width) :], room)
        height = min(TALL, size.height - 2)
        rows = tall_spark(wide, len(wide), height, self.TREND_TOP)
        lines: list[Line] = [[(row, inks.trend)] for row in rows]
        if size.height <= TALL + 3:
            return lines
        return [[], *lines, [(self.caption(snapshot), inks.muted)]]

    def draw(self, size: Size, inks: Inks) -> list[Line]:
        """Return the tile, without a frame where there is only one line for it."""
        if size.height > 2 or self.snapshot is None:
            return super().draw(size, inks)
        name: Line = [(" " + fmt.fit(self.name_of(self.snapshot), NAME), inks.muted)]
        inner = Size(size.width - NAME - 2, 1)
        return [name + self.body(self.snapshot, inner, inks)[0]]


def fitting(wordings: Sequence[Line], width: int) -> Line:
    """Return the first line that fits, else the last."""
    return next((line for line in wordings if width_of(line) <= width), wordings[-1])


def _stretched(values: Sequence[float | None], width: int) -> list[float | None]:
    """Return each value as many times as fits into the width."""
    times = max(1, width // max(1, len(values)))
    return [value for value in values for _ in range(times)]
