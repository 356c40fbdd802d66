"""How the session table looks: what is listed, the headings, the visible lines, the cursor."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import datetime

from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive

from tokwatch.model.snapshot import SessionRow, Snapshot
from tokwatch.ui.empty_store import no_requests
from tokwatch.ui.glyphs import CURSOR
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, under_cursor
from tokwatch.ui.listing import Listed, View, arrange, is_ascending
from tokwatch.ui.viewport import Viewport
from tokwatch.ui.widgets.painted import Pane
from tokwatch.ui.widgets.session_columns import ANY_NAMES, Cell, Column, columns_for, naming


class SessionLines(Pane):
    """A table of its own: a thousand rows cost no more than the lines on the screen."""

    TITLE = "sessions"
    NUMBER = "agent"

    view: reactive[View] = reactive(View(), repaint=False)
    titles: reactive[dict[str, str]] = reactive(dict, repaint=False)

    class Scrolled(Message):
        """Other rows may be visible than before."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.listed: tuple[Listed, ...] = ()
        self.keys: tuple[str, ...] = ()
        self.names = ANY_NAMES
        self.viewport = Viewport()
        self._arranged: tuple[Sequence[SessionRow], View, dict[str, str]] | None = None
        """What is listed, and how it was asked for."""
        self._has_rows = True
        """Whether the last line names keys that need a row."""

    @property
    def visible_rows(self) -> tuple[SessionRow, ...]:
        """The rows on the screen."""
        first = self.viewport.top
        return tuple(each.row for each in self.listed[first : first + self.viewport.height])

    @property
    def row(self) -> SessionRow | None:
        """The row under the cursor."""
        return self.listed[self.viewport.index].row if self.listed else None

    @property
    def moment(self) -> datetime:
        """The time from which ages are told: that of the picture."""
        until = self.snapshot.until if self.snapshot else None
        return until or self.now

    def all_rows(self) -> Sequence[SessionRow]:
        """Return the rows to be listed, before any filter."""
        return self.snapshot.sessions if self.snapshot else ()

    def rearrange(self) -> None:
        """List anew: other rows, another order, or other names."""
        rows = self.all_rows()
        arranged = (rows, self.view, self.titles)
        if arranged != self._arranged:
            self._arranged = arranged
            self.listed = arrange(*arranged)
            self.keys = tuple(each.row.key for each in self.listed)
            self.names = naming(rows)
        self.update_list()

    watch_snapshot = watch_view = watch_titles = rearrange

    def update_list(self) -> None:
        """Draw the list where it or the cursor changed."""
        self.viewport.update(self.keys, self.viewport.height)
        if self.snapshot is not None and self._has_rows is not bool(self.keys):
            self._has_rows = bool(self.keys)
            self.screen.refresh_bindings()
        self.redraw()
        self.post_message(self.Scrolled())

    def select(self, key: str) -> bool:
        """Put the cursor on a row; False where it is not listed."""
        found = self.viewport.find(key)
        self.update_list()
        return found

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how many sessions there are."""
        counts = f" · {snapshot.sessions_in_range} in range · {snapshot.sessions_live} live"
        return [("sessions", inks.text), (counts, inks.muted)]

    def corner(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return filter and sort, as far as they are set."""
        view, line = self.view, []
        if view.problems:
            line.append(("! problems · ", inks.warning))
        if view.filter:
            line.append((f"/{view.filter} · ", inks.accent))
        arrow = "▲" if is_ascending(view) else "▼"
        return [*line, (f"sort {view.sort} {arrow}", inks.muted)]

    def thumb(self) -> tuple[int, int] | None:
        """Return the scroll bar's handle, one line down for the headings."""
        handle = self.viewport.thumb()
        return (handle[0] + 1, handle[1]) if handle else None

    def body(self, snapshot: Snapshot, size: Size, inks: Inks) -> list[Line]:
        """Return the headings and the visible rows."""
        if self.viewport.height != size.height - 1:
            self.post_message(self.Scrolled())
        self.viewport.update(self.keys, size.height - 1)
        columns = columns_for(size.width - 1, self.names)
        heading: Line = [(" ", inks.muted)]
        for column, width in columns:
            if column.sort == self.view.sort:
                arrow = "▲" if is_ascending(self.view) else "▼"
                heading += [(column.heading(width, arrow), inks.text), (" ", inks.text)]
            else:
                heading += [(column.heading(width), inks.muted), (" ", inks.muted)]
        heading = heading[:-1]
        if not self.listed:
            why = textwrap.wrap(self._why_empty(snapshot), max(20, size.width - 1))
            return [heading, *([(" " + line, inks.muted)] for line in why)]
        first, last = self.viewport.top, self.viewport.top + self.viewport.height
        return [heading] + [
            self._line(index, columns, inks, size.width)
            for index in range(first, min(last, len(self.listed)))
        ]

    def _why_empty(self, snapshot: Snapshot) -> str:
        if snapshot.empty:
            return no_requests(self.size.width)
        if self.view.filter:
            return "no session matches; esc shows all again"
        if self.view.problems:
            return "no session needs a look; esc shows all again"
        if snapshot.until is not None:
            return "no session in this range; n goes to now, } widens it"
        return "no session in this range; } widens it, [ goes back"

    def _line(
        self, index: int, columns: tuple[tuple[Column, int], ...], inks: Inks, room: int
    ) -> Line:
        listed = self.listed[index]
        chosen = index == self.viewport.index
        title = self.titles.get(listed.row.key, "")
        now = self.moment
        line: Line = [(CURSOR if chosen else " ", inks.accent)]
        for column, width in columns:
            line += column.draw(Cell(listed, title, now, width, inks))
            line.append((" ", inks.text))
        line = line[:-1]
        return under_cursor(line, room, inks) if chosen else line

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what the columns are."""
        return (
            "One line for each session in the range, and one for each of its sub-agents. A line's "
            "tokens and cost are its own, of its whole life, also of the part outside the range; "
            "the lines beneath it are not in them.",
            "Context is the prompt of the last request against the model's window; ≈ where the "
            "window's size is inferred or from a table. Cache is the share of the prompt read "
            "from the provider's cache. $/h is the burn rate of the last minutes.",
        )
