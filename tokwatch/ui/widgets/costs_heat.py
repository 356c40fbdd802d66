"""The heat map: spending by weekday and hour of the day."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message

from tokwatch.analysis.calendar import WEEKDAYS
from tokwatch.analysis.costs import HOURS, HeatMap
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.costs import CostsPage
from tokwatch.ui import facet_words as words
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.page_pane import PagePane
from tokwatch.words import counted

SHADES: Final = " ░▒▓█"
"""From nothing to the most, told by the texture alone."""
LABEL: Final = 4
EVERY_HOURS: Final = 3
"""An hour in so many is named."""


class CostHeat(PagePane[CostsPage], can_focus=True):
    """A line for each weekday, a cell for each hour; the cursor tells a cell's amount."""

    TITLE = "by weekday and hour"
    KIND = CostsPage
    HELP = """
    # By weekday and hour
    When the slice is spent, by your clock: the denser a cell, the more. It shows the range of
    the table, but four weeks at least. The arrow keys move the cursor, `enter` narrows the table
    to its weekday and hour.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Narrow", id="heat.open",
                tooltip="Narrow to this weekday and hour"),
        Binding("left,h", "move(0,-1)", "Hour before", show=False, id="heat.left",
                tooltip="The hour before"),
        Binding("right,l", "move(0,1)", "Next hour", show=False, id="heat.right",
                tooltip="The hour after"),
        Binding("up,k", "move(-1,0)", "Day before", show=False, id="heat.up",
                tooltip="The weekday before"),
        Binding("down,j", "move(1,0)", "Next day", show=False, id="heat.down",
                tooltip="The weekday after"),
    ]  # fmt: skip

    class Opened(Message):
        """A weekday and an hour were chosen."""

        def __init__(self, weekday: int, hour: int) -> None:
            super().__init__()
            self.weekday, self.hour = weekday, hour

    line, hour = 0, 9
    """Where the cursor is."""

    def page(self, content: CostsPage, size: Size, inks: Inks) -> list[Line]:
        """Return the hours' axis and the weekdays."""
        heat, unit = content.heat, content.unit
        wide = max(1, min(4, (size.width - LABEL) // HOURS))
        most = max((cell.of(unit) for line in heat.cells for cell in line), default=0)
        axis = "".join(
            f"{hour:02}".ljust(wide * EVERY_HOURS)[: wide * EVERY_HOURS]
            for hour in range(0, HOURS, EVERY_HOURS)
        )
        lines: list[Line] = [[(" " * LABEL + axis.rstrip(), inks.muted)]]
        for place, weekday in enumerate(heat.weekdays):
            name = WEEKDAYS[weekday][: LABEL - 1].title()
            line: Line = [(f"{name:<{LABEL}}", inks.muted)]
            for hour, cell in enumerate(heat.cells[place]):
                chosen = self.has_focus and (place, hour) == (self.line, self.hour)
                shade = shade_of(cell.of(unit), most)
                line.append((shade * wide, inks.cursor if chosen else inks.trend))
            lines.append(line)
        return lines

    def corner(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the amount of the cell under the cursor, or the scale."""
        content = self.content
        if content is None:
            return []
        heat, unit = content.heat, content.unit
        if self.has_focus:
            return [(self._told(heat, content), inks.accent)]
        most = max((cell for line in heat.cells for cell in line), key=lambda one: one.of(unit))
        return [(f"█ {words.amount_text(most, unit)}", inks.muted)]

    def _told(self, heat: HeatMap, content: CostsPage) -> str:
        cell = heat.cells[self.line][self.hour]
        whole = heat.amount.of(content.unit)
        share = fmt.percent(cell.of(content.unit) / whole) if whole else "n/a"
        when = f"{WEEKDAYS[heat.weekdays[self.line]][:3].title()} {self.hour:02}:00"
        return f"{when} · {words.amount_text(cell, content.unit)} · {share} of all"

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the range that is shown."""
        content = self.content
        if content is None:
            return [(self.TITLE, inks.text)]
        days = round((content.heat.until_ms - content.heat.since_ms) / 86_400_000)
        return [(self.TITLE, inks.text), (f" · {counted(days, 'day')}", inks.muted)]

    def action_move(self, lines: int, hours: int) -> None:
        """Move the cursor."""
        self.line = max(0, min(6, self.line + lines))
        self.hour = (self.hour + hours) % HOURS
        self.redraw()

    def action_open(self) -> None:
        """Narrow to the weekday and hour under the cursor."""
        if self.content is not None:
            weekday = self.content.heat.weekdays[self.line]
            self.post_message(self.Opened(weekday, self.hour))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the clicked cell; a second click narrows to it."""
        wide = max(1, min(4, (self.size.width - 4 - LABEL) // HOURS))
        line, hour = event.y - 2, (event.x - 2 - LABEL) // wide
        if 0 <= line < 7 and 0 <= hour < HOURS:
            self.line, self.hour = line, hour
            self.redraw()
            if event.chain == 2:
                self.action_open()

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say which clock it goes by."""
        return (
            f"Sums by the quarter of an hour, by the clock of {snapshot.zone}: the shown range, "
            "four weeks at least. A cell's texture tells its share of the highest one in four "
            "steps; what is not blank was not nothing.",
        )


def shade_of(value: int, most: int) -> str:
    """Return the texture of a value: blank for nothing alone."""
    if value <= 0 or most <= 0:
        return SHADES[0]
    return SHADES[min(4, 1 + value * 4 // (most + 1))]
