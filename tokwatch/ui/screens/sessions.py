"""Every session of the range, in one table over the whole screen."""

from __future__ import annotations

from textual.app import ComposeResult

from tokwatch.pages.sessions import SessionsAsk
from tokwatch.ui.screens.growing import GrowingScreen
from tokwatch.ui.screens.listed import ListScreen
from tokwatch.ui.terminal import copy_session
from tokwatch.ui.widgets.all_sessions import AllSessions


class SessionsScreen(GrowingScreen, ListScreen):
    """The table with the keys of the overview's."""

    PLACE = "sessions"
    AUTO_FOCUS = "AllSessions"
    ask = SessionsAsk()

    def panes(self) -> ComposeResult:
        """Yield the table."""
        yield AllSessions(id="sessions")

    def action_copy(self) -> None:
        """Copy the selected session's resume command."""
        if (row := self.sessions.row) is not None:
            told = copy_session(self.app, row, simulated=self.tokwatch.demo)
            self.notify(told, markup=False)

    def action_back(self) -> None:
        """Leave, one after the other: help, zoom, filter, then the screen."""
        view = self.sessions.view
        if self.query("HelpPanel") or self.maximized is not None:
            super().action_back()
        elif view.problems:
            self.action_problems()
        elif view.filter:
            self.set_filter("")
        else:
            self.leave()
