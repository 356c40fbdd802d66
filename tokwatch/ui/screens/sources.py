"""The health of what is read and of what is kept."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll

from tokwatch.model.snapshot import SourceMode
from tokwatch.pages.sources import SourcesAsk
from tokwatch.ui.screens.paged import PageScreen
from tokwatch.ui.screens.panel import Panel
from tokwatch.ui.source_words import Row
from tokwatch.ui.widgets.source_facts import SourceFacts
from tokwatch.ui.widgets.source_list import SourceList
from tokwatch.ui.widgets.store_health import StoreHealthPane
from tokwatch.ui.widgets.table import Table


class SourcesScreen(PageScreen):
    """The table of sources, the chosen one, and the store."""

    PLACE = "sources"
    AUTO_FOCUS = "SourceList"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 -- typed by Screen
        (0, "-narrow"),
        (76, "-roomy"),
        (110, "-wide"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("R", "retry", "Retry", id="source.retry",
                tooltip="Look at every source again now"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.ask = SourcesAsk()

    def panes(self) -> ComposeResult:
        """Yield the panes from top to bottom."""
        with VerticalScroll(id="sources-panes", can_focus=False):
            yield SourceList(id="source-list")
            with Horizontal(id="source-health"):
                yield SourceFacts(id="source-facts")
                yield StoreHealthPane(id="store-health")

    @on(Table.Moved)
    def _show(self, event: Table.Moved) -> None:
        """Show the source under the cursor."""
        if isinstance(event.row, Row):
            self.query_one(SourceFacts).show(event.row.status.name)

    @on(Table.Opened)
    def _open(self, event: Table.Opened) -> None:
        """Open the source's audit."""
        from tokwatch.ui.widgets.explanation import Explanation

        row = event.row
        if not isinstance(row, Row):
            return
        if not row.counts.files:
            told = "no log of it was read yet"
            self.notify(f"{row.status.title}: {told}, so there is nothing to audit.", markup=False)
            return
        facts = self.query_one(SourceFacts)
        facts.show(row.status.name)
        self.app.push_screen(Panel(Explanation(facts)))

    def action_retry(self) -> None:
        """Look at every folder again, unless another process does that."""
        shown = self.tokwatch.snapshot
        if shown is not None and shown.follower_of is not None:
            told = f"Process {shown.follower_of} reads the logs: press R on its screen."
        else:
            self.tokwatch.feed.retry()
            failing = [one.title for one in (shown.sources if shown else ()) if _fails(one.mode)]
            told = f"Looking again at {', '.join(failing) or 'every source'} …"
        self.notify(told, markup=False)


def _fails(mode: SourceMode) -> bool:
    return mode is SourceMode.ERROR
