"""A pane of more lines than it has room for: scrolled by keys and wheel."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.geometry import Size

from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.viewport import Excerpt
from tokwatch.ui.widgets.page_pane import PagePane

Content = TypeVar("Content")


class Scrolled(PagePane[Content], can_focus=True):
    """Shows a part of its lines, and where that part lies."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll(1)", "Down", show=False, id="row.down",
                tooltip="The next line"),
        Binding("k,up", "scroll(-1)", "Up", show=False, id="row.up", tooltip="The line before"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="row.page-down",
                tooltip="A screen further"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="row.page-up",
                tooltip="A screen back"),
        Binding("home,g", "scroll(-1000000)", "First", show=False, id="row.first",
                tooltip="The first line"),
        Binding("end,G", "scroll(1000000)", "Last", show=False, id="row.last",
                tooltip="The last line"),
    ]  # fmt: skip

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._excerpt = Excerpt()

    def page(self, content: Content, size: Size, inks: Inks) -> list[Line]:
        """Return the visible lines."""
        lines = self.lines(content, size.width, inks)
        self._excerpt.fit(len(lines), size.height)
        return lines[self._excerpt.top :]

    def lines(self, content: Content, width: int, inks: Inks) -> list[Line]:
        """Return all lines."""
        raise NotImplementedError

    def thumb(self) -> tuple[int, int] | None:
        """Return the handle of the scroll bar."""
        return self._excerpt.thumb()

    def scroll_to_line(self, line: int) -> None:
        """Show a line at the top, as far as there is enough beneath it."""
        self._excerpt.top = line

    def action_scroll(self, lines: int) -> None:
        """Show other lines."""
        self._excerpt.scroll(lines)
        self.redraw()

    def action_page(self, pages: int) -> None:
        """Show the lines a screen further."""
        self.action_scroll(pages * max(1, self._excerpt.height - 1))

    def on_mouse_scroll_down(self) -> None:
        self.action_scroll(3)

    def on_mouse_scroll_up(self) -> None:
        self.action_scroll(-3)
