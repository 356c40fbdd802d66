"""A screen with a session table, and the keys that filter, sort and export it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace
from textual import on
from textual.binding import Binding, BindingType

from tokwatch.ui.listing import CYCLE
from tokwatch.ui.screens.timed import TimedScreen
from tokwatch.ui.titles import TitleReader
from tokwatch.ui.widgets.sessions import Sessions
from tokwatch.words import counted

if TYPE_CHECKING:
    from textual.widgets import Input

    from tokwatch.ui.widgets.filter_line import FilterLine


class ListScreen(TimedScreen):
    """Routes the keys of the table to it, wherever the focus is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("/", "filter", "Filter", id="filter", tooltip="List only what matches"),
        Binding("s", "sort", "Sort", id="sort", tooltip="Sort by the next column"),
        Binding("S", "turn", "Turn order", show=False, id="sort.turn",
                tooltip="Turn the order round"),
        Binding("!", "problems", "Problems", show=False, id="problems",
                tooltip="Only sessions that need a look"),
        Binding("e", "export('csv')", "Export", show=False, id="export",
                tooltip="Write the listed sessions to a file"),
    ]  # fmt: skip

    reader: TitleReader
    _is_painted = False

    @property
    def sessions(self) -> Sessions:
        """The table."""
        return self.query_one(Sessions)

    def on_mount(self) -> None:
        self.reader = TitleReader(
            self.app, lambda rows: self.tokwatch.feed.titles(rows), self._show_titles
        )
        self.watch(self.app, "now", partial(self._look_for_titles, again=True), init=False)
        self.app.call_after_refresh(self._begin_with_titles)

    def _begin_with_titles(self) -> None:
        """Read titles from here on: the rows themselves come first."""
        self._is_painted = True
        if self.is_attached:
            self._look_for_titles()

    @on(Sessions.Scrolled)
    def _look_for_titles(self, *_: object, again: bool = False) -> None:
        if not self._is_painted:
            return
        if self.tokwatch.config.ui.titles:
            self.reader.look(self.sessions.visible_rows, again=again)
        elif self.sessions.titles:
            self._show_titles({})

    def _show_titles(self, titles: dict[str, str]) -> None:
        self.sessions.titles = titles

    @on(Sessions.Opened)
    def _open_session(self, event: Sessions.Opened) -> None:
        from tokwatch.ui.screens.session import open_session

        rows = [each.row for each in self.sessions.listed]
        among = list(dict.fromkeys((row.source, row.session) for row in rows))
        row = event.row
        open_session(self.app, row.source, row.session, row.agent, among=among)

    def action_filter(self) -> None:
        """Type a filter in the line above the keys."""
        if not self.query("FilterLine"):
            from tokwatch.ui.widgets.filter_line import FilterLine

            self.mount(FilterLine(self.sessions.view.filter), before="#last-line")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while the filter is typed."""
        self.set_filter(event.value)

    async def on_filter_line_closed(self, event: FilterLine.Closed) -> None:
        """Take the line away, and the filter with it where it was dropped."""
        if not event.keep:
            self.set_filter("")
        self.sessions.focus()
        await self.query("FilterLine").remove()
        self.refresh_bindings()

    def set_filter(self, text: str) -> None:
        """List only the sessions that match."""
        self.sessions.view = replace(self.sessions.view, filter=text)
        self.refresh_bindings()

    def find(self, key: str) -> None:
        """Put the cursor on a session, dropping a filter that hides it."""
        if not self.sessions.select(key):
            self.sessions.view = replace(self.sessions.view, filter="", problems=False)
            self.sessions.select(key)
        self.sessions.focus()

    def action_sort(self) -> None:
        """Sort by the next of the columns with numbers."""
        sort = self.sessions.view.sort
        after = CYCLE.index(sort) + 1 if sort in CYCLE else 0
        self.sessions.sort_by(CYCLE[after % len(CYCLE)])

    def action_turn(self) -> None:
        """Turn the order round."""
        self.sessions.sort_by(self.sessions.view.sort, turn=True)

    def action_problems(self) -> None:
        """List only what needs a look, or everything again."""
        view = self.sessions.view
        self.sessions.view = replace(view, problems=not view.problems)
        self.refresh_bindings()

    def action_export(self, kind: str) -> None:
        """Write the listed sessions to a file, in a thread."""
        from tokwatch.ui.export import as_text, export
        from tokwatch.ui.sessions_export import record

        rows = tuple(each.row for each in self.sessions.listed)

        def made() -> tuple[str, str]:
            return counted(len(rows), "session"), as_text([record(row) for row in rows], kind)

        export(self, "sessions", kind, made)
