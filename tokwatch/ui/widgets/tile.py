"""A tile: one figure in a frame, with as much of its trend and its meaning as there is room for."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.geometry import Size

from tokwatch.snapshot import Snapshot
from tokwatch.ui import format as fmt
from tokwatch.ui.glyphs import spark, tall_spark
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, width_of
from tokwatch.ui.widgets.painted import ZOOM, Pane

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

    def headlines(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return the figure and what it is set against, the fullest wording first."""
        raise NotImplementedError

    def note(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return a second line for tiles that have room."""
        raise NotImplementedError

    def trend(self, snapshot: Snapshot) -> Sequence[float | None]:
        """Return the values of the sparkline, oldest first."""
        return ()

    async def on_click(self) -> None:
        await self.run_action("screen.zoom")

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the title, the short one where the tile is small."""
        return [(self.TITLE if self.size.width >= 24 else self.SHORT, inks.text)]

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return the headline, then trend, note and meaning as far as there is room."""
        wordings = self.headlines(snapshot, inks)
        fitting = (line for line in wordings if width_of(line) <= size.width)
        headline = next(fitting, wordings[-1])
        trend, note = self.trend(snapshot), self.note(snapshot, inks)
        if size.height <= 1:
            room = min(SPARK, size.width - width_of(headline) - 2)
            if trend and room >= 5:
                headline = [*headline, ("  " + spark(trend[-room:], room), inks.trend)]
            return [headline]
        if size.height == 2:
            bar: Line = [(spark(trend, min(len(trend), size.width)), inks.trend)]
            return [headline, bar if trend else note]
        lines = [headline, note]
        if trend:
            wide = _stretched(trend, size.width if size.height > 4 else SPARK)
            height = min(TALL, size.height - 2)
            lines += [[]] if size.height > TALL + 3 else []
            lines += [[(line, inks.trend)] for line in tall_spark(wide, len(wide), height)]
        for sentence in self.meaning(snapshot):
            lines += [[], *([(line, inks.muted)] for line in textwrap.wrap(sentence, size.width))]
        return lines

    def draw(self, size: Size, inks: Inks) -> list[Line]:
        """Return the tile, without a frame where there is only one line for it."""
        if size.height > 2 or self.snapshot is None:
            return super().draw(size, inks)
        name: Line = [(" " + fmt.fit(self.SHORT, NAME), inks.muted)]
        inner = Size(size.width - NAME - 2, 1)
        return [name + self.body(self.snapshot, inner, inks)[0]]


def _stretched(values: Sequence[float | None], width: int) -> list[float | None]:
    """Return each value as many times as fits into the width."""
    times = max(1, width // max(1, len(values)))
    return [value for value in values for _ in range(times)]
