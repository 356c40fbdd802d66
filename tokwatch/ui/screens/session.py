"""The panel that opens on a session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from tokwatch.snapshot import SessionRow
from tokwatch.ui.screens.panel import Panel
from tokwatch.ui.terminal import copy_session
from tokwatch.ui.widgets.session_facts import SessionFacts

if TYPE_CHECKING:
    from tokwatch.ui.app import TokwatchApp


class SessionPanel(Panel):
    """Shows a session, and the ones before and after it in the table."""

    def __init__(
        self, rows: tuple[SessionRow, ...], row: SessionRow, titles: Mapping[str, str]
    ) -> None:
        self._facts = SessionFacts(row, titles.get(row.key, ""))
        super().__init__(self._facts)
        self._rows, self._titles = rows, titles

    def action_step(self, lines: int) -> None:
        """Show the session before or after."""
        keys = [row.key for row in self._rows]
        here = self._facts.row
        index = keys.index(here.key) + lines if here and here.key in keys else 0
        if 0 <= index < len(keys):
            row = self._rows[index]
            self._facts.show(row, self._titles.get(row.key, ""))

    def action_explain(self) -> None:
        """Say where the session's numbers come from."""
        from tokwatch.ui.widgets.explanation import Explanation

        self.app.push_screen(Panel(Explanation(self._facts)))

    def action_copy(self) -> None:
        """Copy the command that resumes the session, or where there is none, its id."""
        if self._facts.row is not None:
            app = cast("TokwatchApp", self.app)
            told = copy_session(app, self._facts.row, simulated=app.demo)
            self.notify(told, markup=False)
