"""The panel that opens on a request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import BindingType

from tokwatch.model.usage import CostMode
from tokwatch.pages.request import RequestAsk
from tokwatch.pages.workbench_logged import LoggedAsk
from tokwatch.ui.format import clean
from tokwatch.ui.screens.panel import Panel
from tokwatch.ui.terminal import copy
from tokwatch.ui.to_workbench import TO_WORKBENCH, to_workbench
from tokwatch.ui.widgets.request_facts import RequestFacts

if TYPE_CHECKING:
    from tokwatch.ui.app import TokwatchApp


class RequestPanel(Panel):
    """Asks for the request while it is open; the screen beneath asks again once it is closed."""

    asks_feed: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [TO_WORKBENCH]

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

    async def action_workbench(self) -> None:
        """Take the conversation up to this request to the workbench."""
        page = self._facts.content
        if page is None or page.stored is None:
            self.notify("This request is no longer stored.", markup=False)
            return
        scope = page.stored.evidence.scope
        asked = LoggedAsk(scope.source, scope.session, scope.agent, self._asked.key)
        await to_workbench(self.app, asked, f"context of {clean(scope.session)[:8]}")

    def action_copy(self) -> None:
        """Copy the text of the panel."""
        copy(self.app, self._facts.plain)
        self.notify("Copied: request", markup=False)
