"""The session table: live and recent sessions with their sub-agents, one line each."""

from __future__ import annotations

from typing import ClassVar

from msgspec.structs import replace
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from tokwatch.model.snapshot import SessionRow
from tokwatch.ui.widgets.painted import quiet
from tokwatch.ui.widgets.session_columns import columns_for
from tokwatch.ui.widgets.session_lines import SessionLines


class Sessions(SessionLines, can_focus=True):
    """The table with its keys and clicks."""

    HELP = """
    # Sessions
    One line a session, its sub-agents beneath it. A click on a heading sorts.

    `/` takes `opus !docs`, `model:opus`, `project:api`, `cost>1`, `context>75`, `state:live`.

    `≥` a lower bound · `~` derived · `≈` an estimate · `+?` tokens without a price · `!` `!!`
    the context fills up
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", id="session.open", tooltip="Open the session"),
        quiet("j,down", "move(1)", "Down", "session.down", "The next line"),
        quiet("k,up", "move(-1)", "Up", "session.up", "The line before"),
        quiet("pagedown", "page(1)", "Page down", "session.page-down", "A screen further"),
        quiet("pageup", "page(-1)", "Page up", "session.page-up", "A screen back"),
        quiet("home,g", "move(-1000000)", "First", "session.first", "The first line"),
        quiet("end,G", "move(1000000)", "Last", "session.last", "The last line"),
        quiet("space", "fold", "Fold", "session.fold", "Fold or unfold the sub-agents"),
        quiet("left", "fold(True)", "Fold in", "session.close", "Fold, or go to the line above"),
        quiet("right", "fold(False)", "Fold out", "session.unfold", "Unfold the sub-agents"),
    ]

    class Opened(Message):
        """A session was asked for in detail."""

        def __init__(self, row: SessionRow) -> None:
            super().__init__()
            self.row = row

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Name no key that opens a session while none is listed."""
        return action != "open" or self.snapshot is None or bool(self.listed)

    def action_move(self, lines: int) -> None:
        """Move the cursor by lines."""
        self.viewport.select(self.viewport.index + lines)
        self.update_list()

    def action_page(self, pages: int) -> None:
        """Move the cursor by screens."""
        self.action_move(pages * self.viewport.height)

    def action_open(self) -> None:
        """Show the selected session in detail."""
        if self.row is not None:
            self.post_message(self.Opened(self.row))

    def action_fold(self, folded: bool | None = None) -> None:
        """Fold or unfold the sub-agents of the selected line, or go to the line above them."""
        if not self.listed:
            return
        index = self.viewport.index
        here = self.listed[index]
        if here.children and folded is not here.folded:
            self.view = replace(self.view, folded=self.view.folded ^ {here.row.key})
        elif folded and here.row.depth:
            above = (i for i in range(index, -1, -1) if self.listed[i].row.depth < here.row.depth)
            self.action_move(next(above, index) - index)

    def sort_by(self, name: str, *, turn: bool = False) -> None:
        """Sort by a column; the same column again turns the order round."""
        again = turn or name == self.view.sort
        self.view = replace(self.view, sort=name, reverse=again and not self.view.reverse)

    def on_click(self, event: events.Click) -> None:
        """Select the clicked line, open it on the second click; a heading sorts."""
        if event.y == 1:
            self._click_heading(event.x - 3, event.shift)
        elif 2 <= event.y < 2 + self.viewport.height:
            index = self.viewport.top + event.y - 2
            if index < len(self.listed):
                self.action_move(index - self.viewport.index)
                if event.chain == 2:
                    self.action_open()

    def _click_heading(self, x: int, turn: bool) -> None:
        left = 0
        for column, width in columns_for(self.size.width - 5, self.names):
            if left <= x <= left + width and column.sort:
                self.sort_by(column.sort, turn=turn)
            left += width + 1

    def on_mouse_scroll_down(self) -> None:
        self._scroll(3)

    def on_mouse_scroll_up(self) -> None:
        self._scroll(-3)

    def _scroll(self, lines: int) -> None:
        self.viewport.scroll(lines)
        self.update_list()
