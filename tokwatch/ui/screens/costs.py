"""Costs: what is spent on what, when and how fast; narrowed step by step to single requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from tokwatch.analysis.costs import CostLine
from tokwatch.model.facets import Facet, Pick
from tokwatch.model.snapshot import Snapshot
from tokwatch.model.stored import EventFact
from tokwatch.pages.costs import CostsAsk, CostsPage
from tokwatch.ui.screens.faceted import FacetScreen
from tokwatch.ui.screens.growing import GrowingScreen
from tokwatch.ui.widgets.costs_heat import CostHeat
from tokwatch.ui.widgets.costs_requests import SliceRequests
from tokwatch.ui.widgets.costs_table import CostLines
from tokwatch.ui.widgets.costs_tiles import BurnRates, Endings, SliceTotal
from tokwatch.ui.widgets.request_columns import mode_of
from tokwatch.ui.widgets.table import Table
from tokwatch.words import counted

if TYPE_CHECKING:
    from tokwatch.ui.palette import Command

DEEPER: Final = (Facet.PROJECT, Facet.MODEL, Facet.SESSION)
"""What a slice is split by once it is narrowed: the first that is not picked yet."""
BESIDE: Final = (Facet.MODEL, Facet.KIND, Facet.SOURCE)
"""What stands in the columns instead of what is picked."""


class CostsScreen(GrowingScreen, FacetScreen):
    """Tiles, the table or the requests in its place, and the heat map."""

    CSS_PATH = "costs.tcss"
    PLACE = "costs"
    AUTO_FOCUS = "CostLines"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 -- typed by Screen
        (0, "-narrow"),
        (58, "-roomy"),
        (110, "-wide"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "requests", "Requests", id="costs.requests",
                tooltip="List the requests of the slice"),
        Binding("W", "what_if", "What if", id="costs.what-if",
                tooltip="What the slice would have cost under other models"),
        Binding("e", "export('csv')", "Export", show=False, id="export",
                tooltip="Write what is listed to a file"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.ask = CostsAsk()
        self._wider: list[CostsAsk] = []
        """What was asked before each step into the slice."""

    def panes(self) -> ComposeResult:
        """Yield the panes from top to bottom."""
        with Horizontal(id="costs-tiles"):
            yield SliceTotal(id="slice-total")
            yield BurnRates(id="burn-rates")
            yield Endings(id="endings")
        yield CostLines(id="cost-lines")
        yield SliceRequests(id="slice-requests")
        yield CostHeat(id="cost-heat")

    @property
    def page(self) -> CostsPage | None:
        """The newest answer."""
        return self.query_one(CostLines).content

    def _take(self, snapshot: Snapshot | None) -> None:
        super()._take(snapshot)
        page = self.page
        if page is None or (page.events is not None) is self.has_class("-listing"):
            return
        self.set_class(page.events is not None, "-listing")
        table = SliceRequests if page.events is not None else CostLines
        if isinstance(self.focused, Table) or self.focused is None:
            self.query_one(table).focus()

    def _step(self, asked: CostsAsk) -> None:
        """Ask about a part of what is shown; `escape` comes back."""
        self._wider.append(self.asked)
        self.go(asked)

    def action_requests(self) -> None:
        """List the requests of the slice, or go back to the table."""
        if self.asked.lists_requests:
            self.leave()
        else:
            self._step(replace(self.asked, lists_requests=True))

    def action_what_if(self) -> None:
        """Reprice the slice."""
        from tokwatch.ui.screens.what_if import WhatIfScreen

        self.app.push_screen(WhatIfScreen(self.asked.picks))

    def narrow(self, *picks: Pick) -> None:
        """Show a part of the slice, split by what says more of it."""
        asked = self.asked
        chosen = (*asked.picks, *(pick for pick in picks if pick not in asked.picks))
        known = {pick.facet for pick in chosen}
        rows = asked.rows
        if rows in known:
            rows = next((facet for facet in DEEPER if facet not in known), rows)
        columns = asked.columns
        if columns in known or columns is rows:
            free = (facet for facet in BESIDE if facet not in known and facet is not rows)
            columns = next(free, None)
        is_last = Facet.SESSION in known
        self._step(replace(asked, picks=chosen, rows=rows, columns=columns, lists_requests=is_last))

    @on(Table.Opened)
    def _open(self, event: Table.Opened) -> None:
        if isinstance(event.row, CostLine):
            self.narrow(Pick(self.asked.rows, event.row.value))
        elif isinstance(event.row, EventFact):
            from tokwatch.ui.screens.request import RequestPanel

            self.app.push_screen(RequestPanel(event.row.key, mode_of(self.app)))

    @on(CostHeat.Opened)
    def _open_hour(self, event: CostHeat.Opened) -> None:
        self.narrow(Pick(Facet.WEEKDAY, event.weekday), Pick(Facet.HOUR, event.hour))
        self.query_one(CostLines).focus()

    def leave(self) -> None:
        """Widen again, then go where the user came from."""
        if self._wider:
            self.go(self._wider.pop())
        else:
            super().leave()

    def action_export(self, kind: str) -> None:
        """Write what is listed to a file, in a thread."""
        from tokwatch.ui.costs_export import records
        from tokwatch.ui.export import as_text, export

        page = self.page
        if page is None:
            return
        mode = mode_of(self.app)

        def made() -> tuple[str, str]:
            found = records(page, mode)
            return counted(len(found), "line"), as_text(found, kind)

        export(self, "costs" if page.events is None else "requests", kind, made)

    def commands(self) -> Iterator[Command]:
        """Yield what the command palette finds beside the keys."""
        yield (
            "Export as JSON",
            "Write what is listed to a file",
            partial(self.action_export, "json"),
        )
        yield from super().commands()
