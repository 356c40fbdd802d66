"""The panel that opens on a request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast

from tokwatch.model import CostMode
from tokwatch.pages.request import RequestAsk
from tokwatch.ui.screens.panel import Panel
from tokwatch.ui.terminal import copy
from tokwatch.ui.widgets.request_facts import RequestFacts

if TYPE_CHECKING:
    from tokwatch.ui.app import TokwatchApp


class RequestPanel(Panel):
    """Asks for the request while it is open; the screen beneath asks again once it is closed."""

    asks_feed: ClassVar[bool] = True

    def __init__(self, key: int, mode: CostMode, *, shows_raw: bool = False) -> None:
        self._facts = RequestFacts(mode)
        self._facts.goes_to_record = shows_raw
        super().__init__(self._facts)
        self._asked = RequestAsk(key, shows_raw)

    def on_screen_resume(self) -> None:
        self._look()

    def _look(self) -> None:
        cast("TokwatchApp", self.app).feed.look(self._asked)

    def action_raw(self) -> None:
        """Show the record in the log, or hide it again."""
        self._asked = replace(self._asked, shows_raw=not self._asked.shows_raw)
        self._look()

    def action_copy(self) -> None:
        """Copy the text of the panel."""
        copy(self.app, self._facts.plain)
        self.notify("Copied: request", markup=False)
