"""A table of rows with a cursor: sorted, scrolled and opened by keys and mouse alike."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from msgspec import Struct
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message

from tokwatch.ui import format as fmt
from tokwatch.ui.glyphs import CURSOR
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, under_cursor
from tokwatch.ui.viewport import Viewport
from tokwatch.ui.widgets.page_pane import PagePane

Content = TypeVar("Content")
Row = TypeVar("Row")


class TableColumn(Struct, Generic[Row], frozen=True):
    """One column: its least width, when it gives way, and what it shows of a row."""

    name: str
    least: int
    draw: Callable[[Row, int, Inks], Line]
    """Return exactly so many cells for a row."""
    rank: int = 0
    """Columns of a higher rank are the first to go where the table is narrow."""
    right: bool = False
    most: int = 0
    """Width up to which it grows with the table; 0 keeps the least."""
    order: Callable[[Row], Any] | None = None
    """What rows are sorted by; the highest comes first."""


def fitted(
    columns: Sequence[TableColumn[Row]], width: int
) -> tuple[tuple[TableColumn[Row], int], ...]:
    """Return the columns that fit a width, each with its own; spare room goes to the left."""
    taken: dict[str, int] = {}
    for column in sorted(columns, key=lambda column: column.rank):
        if sum(taken.values()) + len(taken) + column.least > width:
            break
        taken[column.name] = column.least
    spare = width - sum(taken.values()) - len(taken) + 1
    for column in columns:
        if column.name in taken:
            more = min(spare, max(0, column.most - taken[column.name]))
            taken[column.name], spare = taken[column.name] + more, spare - more
    return tuple((column, taken[column.name]) for column in columns if column.name in taken)


class Table(PagePane[Content], Generic[Content, Row], can_focus=True):
    """Rows of the page in columns; the selection stays with its row when rows come and go."""

    SORTS: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", id="row.open", tooltip="Open the selected line"),
        Binding("j,down", "move(1)", "Down", show=False, id="row.down", tooltip="The next line"),
        Binding("k,up", "move(-1)", "Up", show=False, id="row.up", tooltip="The line before"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="row.page-down",
                tooltip="A screen further"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="row.page-up",
                tooltip="A screen back"),
        Binding("home,g", "move(-1000000)", "First", show=False, id="row.first",
                tooltip="The first line"),
        Binding("end,G", "move(1000000)", "Last", show=False, id="row.last",
                tooltip="The last line"),
        Binding("s", "sort", "Sort", show=False, id="sort", tooltip="Sort by the next column"),
        Binding("S", "turn", "Turn order", show=False, id="sort.turn",
                tooltip="Turn the order round"),
    ]  # fmt: skip

    class Opened(Message):
        """A row was opened."""

        def __init__(self, table: Table[Any, Any], row: Any) -> None:
            super().__init__()
            self.table, self.row = table, row

        @property
        def control(self) -> Table[Any, Any]:
            """The table, for handlers that name it."""
            return self.table

    class Moved(Message):
        """The cursor is on another row."""

        def __init__(self, table: Table[Any, Any], row: Any) -> None:
            super().__init__()
            self.table, self.row = table, row

        @property
        def control(self) -> Table[Any, Any]:
            """The table, for handlers that name it."""
            return self.table

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.viewport = Viewport()
        self.rows: Sequence[Row] = ()
        self._sort: str = ""
        self._reverse = False
        self._listed: tuple[Sequence[Row] | None, str, bool] = (None, "", False)
        """The page's rows, and how they were sorted: thousands are listed once."""

    def columns(self) -> Sequence[TableColumn[Row]]:
        """Return the columns, from left to right."""
        raise NotImplementedError

    def rows_of(self, content: Content) -> Sequence[Row]:
        """Return the page's rows, in the order in which they stand while nothing is sorted."""
        raise NotImplementedError

    def key_of(self, row: Row) -> str:
        """Return what identifies a row between pages."""
        raise NotImplementedError

    def why_empty(self, content: Content) -> str:
        """Say why there is no row, and what to do."""
        return "nothing in this range; } widens it, [ goes back"

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.viewport.index] if self.rows else None

    def taken(self) -> None:
        """List the rows of a new page."""
        if self.content is not None:
            rows = self.rows_of(self.content)
            listed = (rows, self._sort, self._reverse)
            if rows is self._listed[0] and listed[1:] == self._listed[1:]:
                return
            self._listed = listed
            order = next((c.order for c in self.columns() if c.name == self._sort), None)
            if order is not None:
                rows = sorted(rows, key=order, reverse=not self._reverse)
            self.rows = rows
        before, had = self.viewport.selected, bool(self.viewport.keys)
        self.viewport.update([self.key_of(row) for row in self.rows], self.viewport.height)
        if had is not bool(self.rows):
            self.screen.refresh_bindings()
        if self.row is not None and self.key_of(self.row) != before:
            self.post_message(self.Moved(self, self.row))

    def thumb(self) -> tuple[int, int] | None:
        """Return the scroll bar's handle, one line down for the headings."""
        handle = self.viewport.thumb()
        return (handle[0] + 1, handle[1]) if handle else None

    def page(self, content: Content, size: Size, inks: Inks) -> list[Line]:
        """Return the headings and the visible rows."""
        self.viewport.update(self.viewport.keys, size.height - 1)
        columns = fitted(self.columns(), size.width - 1)
        heading: Line = [(" ", inks.muted)]
        for column, width in columns:
            here = column.name == self._sort
            name = _sorted_by(column.name, width, up=self._reverse) if here else column.name
            text = fmt.fit(name, width, right=column.right)
            heading += [(text, inks.text if here else inks.muted), (" ", inks.muted)]
        if not self.rows:
            why = textwrap.wrap(self.why_empty(content), max(20, size.width - 1))
            return [heading[:-1], *([(" " + line, inks.muted)] for line in why)]
        first = self.viewport.top
        return [heading[:-1]] + [
            self._line(index, columns, size.width, inks)
            for index in range(first, min(first + self.viewport.height, len(self.rows)))
        ]

    def _line(
        self,
        index: int,
        columns: tuple[tuple[TableColumn[Row], int], ...],
        room: int,
        inks: Inks,
    ) -> Line:
        chosen = index == self.viewport.index
        line: Line = [(CURSOR if chosen else " ", inks.accent)]
        for column, width in columns:
            line += [*column.draw(self.rows[index], width, inks), (" ", inks.text)]
        return under_cursor(line[:-1], room, inks) if chosen else line[:-1]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Name no key that opens a line while there is none, nor one that turns no order."""
        if action == "turn":
            return self._sort != ""
        waits = self.content is None and not (self.snapshot and self.snapshot.empty)
        return action != "open" or waits or bool(self.rows)

    def select(self, key: str) -> bool:
        """Put the cursor on a row; False where it is not listed."""
        found = self.viewport.find(key)
        self.redraw()
        return found

    def action_move(self, lines: int) -> None:
        """Move the cursor by lines."""
        self.viewport.select(self.viewport.index + lines)
        self.redraw()
        if self.row is not None:
            self.post_message(self.Moved(self, self.row))

    def action_page(self, pages: int) -> None:
        """Move the cursor by screens."""
        self.action_move(pages * self.viewport.height)

    def action_open(self) -> None:
        """Open the selected row."""
        if self.row is not None:
            self.post_message(self.Opened(self, self.row))

    def action_sort(self) -> None:
        """Sort by the next of the columns that can be sorted by, then by none."""
        names = [column.name for column in self.columns() if column.order is not None]
        after = names.index(self._sort) + 1 if self._sort in names else 0
        self.sort_by(names[after] if after < len(names) else "")

    def action_turn(self) -> None:
        """Turn the order round."""
        self.sort_by(self._sort, turn=True)

    def sort_by(self, name: str, *, turn: bool = False) -> None:
        """Sort by a column, the highest first; the same one again turns the order round."""
        self._reverse = not self._reverse if turn or name == self._sort != "" else False
        self._sort = name
        self.taken()
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        """Select the clicked line, open it on the second click; a heading sorts."""
        if event.y == 1:
            self._click_heading(event.x - 3)
        elif 2 <= event.y < 2 + self.viewport.height:
            index = self.viewport.top + event.y - 2
            if index < len(self.rows):
                self.action_move(index - self.viewport.index)
                if event.chain == 2:
                    self.action_open()

    def _click_heading(self, x: int) -> None:
        left = 0
        for column, width in fitted(self.columns(), self.size.width - 5):
            if left <= x <= left + width and column.order is not None:
                self.sort_by(column.name)
            left += width + 1

    def on_mouse_scroll_down(self) -> None:
        self._scroll(3)

    def on_mouse_scroll_up(self) -> None:
        self._scroll(-3)

    def _scroll(self, lines: int) -> None:
        self.viewport.scroll(lines)
        self.redraw()


def _sorted_by(name: str, width: int, *, up: bool) -> str:
    """Return a heading with an arrow, for which the name gives way: a colour alone tells nobody."""
    arrow = "▲" if up else "▼"
    return f"{name} {arrow}" if width >= len(name) + 2 else f"{name[: width - 1]}{arrow}"


def text_cell(text: str, width: int, ink: Any, *, right: bool = False) -> Line:
    """Return a text of a log in exactly so many cells."""
    return [(fmt.fit(text, width, right=right), ink)]
