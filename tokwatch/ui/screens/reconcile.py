"""Reconciliation: the logs beside what gateways and providers tell, the gaps, and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tokwatch.analysis.calendar import instant
from tokwatch.model.facets import Facet, Pick
from tokwatch.model.reconciliation import Row
from tokwatch.model.snapshot import Span
from tokwatch.model.units import DAY_MS
from tokwatch.pages.costs import CostsAsk
from tokwatch.pages.reconciliation import ReconcileAsk
from tokwatch.ui import gap_words as words
from tokwatch.ui.screens.endpoint_adding import EndpointScreen
from tokwatch.ui.screens.growing import GrowingScreen
from tokwatch.ui.screens.panel import Panel
from tokwatch.ui.widgets.gap_facts import GapFacts
from tokwatch.ui.widgets.gap_list import GapList
from tokwatch.ui.widgets.gap_totals import GapTotals
from tokwatch.ui.widgets.table import Table
from tokwatch.words import counted

if TYPE_CHECKING:
    from tokwatch.ui.app import TokwatchApp
    from tokwatch.ui.palette import Command


class ReconcileScreen(EndpointScreen, GrowingScreen):
    """The reports in all, every comparison, and the chosen one; `escape` goes back to sources."""

    CSS_PATH = "sources.tcss"
    PLACE = "sources"
    AUTO_FOCUS = "GapList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "requests", "Requests", id="reconcile.requests",
                tooltip="List the requests of the day and model"),
        Binding("e", "export('csv')", "Export", show=False, id="export",
                tooltip="Write what is listed to a file"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.ask = ReconcileAsk()

    def panes(self) -> ComposeResult:
        """Yield the panes from top to bottom."""
        yield GapTotals(id="gap-totals")
        yield GapList(id="gap-list")
        yield GapFacts(id="gap-facts")

    @on(Table.Moved)
    def _show(self, event: Table.Moved) -> None:
        """Show the comparison under the cursor."""
        if isinstance(event.row, Row):
            self.query_one("#gap-facts", GapFacts).show(words.key_of(event.row.pair))
            self.refresh_bindings()

    @on(Table.Opened)
    def _open(self, event: Table.Opened) -> None:
        """Show all of a comparison."""
        if isinstance(event.row, Row):
            self.app.push_screen(Panel(GapFacts(words.key_of(event.row.pair), id="gap-panel")))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what there is something for."""
        if action in ("requests", "export"):
            row = next((table.row for table in self.query(GapList)), None)
            return row is not None and (action == "export" or bool(row.pair.logs.requests))
        return super().check_action(action, parameters)

    async def action_requests(self) -> None:
        """List the requests of the logs that the comparison under the cursor is about."""
        row = self.query_one(GapList).row
        if row is None:
            return
        from tokwatch.ui.screens.costs import CostsScreen

        pair = row.pair
        picks = (Pick(Facet.MODEL, pair.logged_as[0]),) if len(pair.logged_as) == 1 else ()
        until = end_of(pair.day, self.tokwatch.clock())
        await self.app.switch_mode("costs")
        screen = self.app.screen
        if isinstance(screen, CostsScreen):
            self.tokwatch.show(Span.DAY, until)
            screen.go(CostsAsk(picks=picks, lists_requests=True))
            told = "The last 24 hours: the UTC day goes on."
            if until is not None:
                told = f"The UTC day {words.date(pair.day)}; n goes back to now."
            self.notify(told, markup=False)

    def action_export(self, kind: str) -> None:
        """Write what is compared to a file, in a thread."""
        from tokwatch.ui.export import export
        from tokwatch.ui.gap_export import as_text

        page = self.query_one(GapList).content
        if page is None:
            return

        def made() -> tuple[str, str]:
            told = counted(len(page.found.rows), "comparison")
            return told, as_text(page.found, page.days, kind)

        export(self, "reconciliation", kind, made)

    def commands(self) -> Iterator[Command]:
        """Yield what the command palette finds beside the keys."""
        export = partial(self.action_export, "json")
        yield "Export as JSON", "Write what is compared to a file", export

    def leave(self) -> None:
        """Go back to the sources."""
        self.dismiss()


def end_of(day: int, now: datetime) -> datetime | None:
    """Return the last instant of a UTC day; None while it goes on."""
    end = instant((day + 1) * DAY_MS - 1)
    return end if end < now else None


async def open_reconciliation(app: TokwatchApp) -> None:
    """Go to the reconciliation from any screen."""
    await app.switch_mode("sources")
    if not isinstance(app.screen, ReconcileScreen):
        await app.push_screen(ReconcileScreen())
