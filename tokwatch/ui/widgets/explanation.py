"""Where a number comes from: what `i` shows, down to each request and its place in a log."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from tokwatch.ui.widgets.explanation_lines import ExplanationLines
from tokwatch.ui.widgets.painted import quiet


class Explanation(ExplanationLines, can_focus=True):
    """The explanation with its keys and clicks."""

    HELP = """
    # Where this comes from
    What the number means, how much of it is exact, and the requests that it is the sum of,
    each with the log and the place that tells of it. `enter` shows all of a request.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", id="row.open", tooltip="Open the selected line"),
        quiet("j,down", "move(1)", "Down", "row.down", "The next line"),
        quiet("k,up", "move(-1)", "Up", "row.up", "The line before"),
        quiet("pagedown", "page(1)", "Page down", "row.page-down", "A screen further"),
        quiet("pageup", "page(-1)", "Page up", "row.page-up", "A screen back"),
        quiet("home,g", "move(-1000000)", "First", "row.first", "The first line"),
        quiet("end,G", "move(1000000)", "Last", "row.last", "The last line"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave `enter` to the panel while there is no request to open."""
        return action != "open" or bool(self._audit and self._audit.events)

    def action_open(self) -> None:
        """Show all of the selected request, or fold it again."""
        if self._audit is not None:
            self._open ^= {self._audit.events[self._index].key}
            self._choose(self._index)

    def action_move(self, lines: int) -> None:
        """Select another request; above the first one, scroll up to the definition."""
        listed = len(self._audit.events) if self._audit else 0
        if not listed or (lines < 0 and self._index == 0):
            self._scroll(lines)
        else:
            self._choose(max(0, min(listed - 1, self._index + lines)))

    def action_page(self, pages: int) -> None:
        """Select the request a screen further."""
        self.action_move(pages * self._excerpt.height)

    def _choose(self, index: int) -> None:
        """Select a request and bring all of it into view."""
        self._index = index
        self.redraw()
        mine = [line for line, request in enumerate(self._requests) if request == index]
        self._excerpt.reveal(mine[0], mine[-1])
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        """Select the clicked request; a second click opens it."""
        line = self._excerpt.top + event.y - 1
        if not self._excerpt.shows(line):
            return
        index = self._requests[line]
        if index is not None:
            self._choose(index)
            if event.chain == 2:
                self.action_open()

    def on_mouse_scroll_down(self) -> None:
        self._scroll(3)

    def on_mouse_scroll_up(self) -> None:
        self._scroll(-3)

    def _scroll(self, lines: int) -> None:
        self._excerpt.scroll(lines)
        self.redraw()
