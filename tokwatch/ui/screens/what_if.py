"""What-if: the slice that the costs screen shows, under other models."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from tokwatch.analysis.what_if import Repriced
from tokwatch.model.facets import Picks
from tokwatch.pages.what_if import WhatIfAsk
from tokwatch.ui.screens.growing import GrowingScreen
from tokwatch.ui.widgets.table import Table
from tokwatch.ui.widgets.what_if import WhatIfLines


class WhatIfScreen(GrowingScreen):
    """One table over the costs screen; `escape` goes back to it."""

    PLACE = "costs"
    AUTO_FOCUS = "WhatIfLines"

    def __init__(self, picks: Picks) -> None:
        super().__init__()
        self.ask = WhatIfAsk(picks)

    def panes(self) -> ComposeResult:
        """Yield the table."""
        yield WhatIfLines(id="what-if")

    @on(Table.Opened)
    def _open(self, event: Table.Opened) -> None:
        content = self.query_one(WhatIfLines).content
        found = content.what_if if content else None
        if isinstance(event.row, Repriced) and found is not None:
            from tokwatch.ui.screens.panel import Panel
            from tokwatch.ui.widgets.what_if_facts import WhatIfFacts

            self.app.push_screen(Panel(WhatIfFacts(event.row, found)))

    def leave(self) -> None:
        """Go back to the costs."""
        self.dismiss()
