"""The live feed: a line for each request as it lands."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tokwatch.analysis.feed import FeedLine
from tokwatch.pages.feed import FeedAsk
from tokwatch.ui.screens.paged import PageScreen
from tokwatch.ui.widgets.feed import FeedLines
from tokwatch.ui.widgets.request_columns import mode_of
from tokwatch.ui.widgets.table import Table

if TYPE_CHECKING:
    from textual.widgets import Input

    from tokwatch.ui.widgets.filter_line import FilterLine

EXAMPLES = "words, !not, model:opus, agent:explore, cost>1, context>75, state:finished"


class FeedScreen(PageScreen):
    """One table over the whole screen."""

    PLACE = "feed"
    AUTO_FOCUS = "FeedLines"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("/", "filter", "Filter", id="filter", tooltip="List only what matches"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.ask = FeedAsk()

    def panes(self) -> ComposeResult:
        """Yield the table."""
        yield FeedLines(id="feed")

    @property
    def table(self) -> FeedLines:
        """The table."""
        return self.query_one(FeedLines)

    def action_filter(self) -> None:
        """Type a filter in the line above the keys."""
        if not self.query("FilterLine"):
            from tokwatch.ui.widgets.filter_line import FilterLine

            line = FilterLine(self.table.filter_text, EXAMPLES)
            self.mount(line, before="#last-line")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while the filter is typed."""
        self.table.filter(event.value)

    async def on_filter_line_closed(self, event: FilterLine.Closed) -> None:
        """Take the line away, and the filter with it where it was dropped."""
        if not event.keep:
            self.table.filter("")
        self.table.focus()
        await self.query("FilterLine").remove()
        self.refresh_bindings()

    @on(Table.Opened)
    def _open(self, event: Table.Opened) -> None:
        line = event.row
        if not isinstance(line, FeedLine):
            return
        if line.event is None:
            self.notify(f"{line.kind} {line.what}: it is no single request.", markup=False)
            return
        from tokwatch.ui.screens.request import RequestPanel

        self.app.push_screen(RequestPanel(line.event.key, mode_of(self.app)))

    def leave(self) -> None:
        """Drop the filter, then go where the user came from."""
        if self.table.filter_text:
            self.table.filter("")
        else:
            super().leave()
