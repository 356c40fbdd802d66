"""The health of what is read and of what is kept."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from tokwatch.config.endpoint_entry import entry_of
from tokwatch.model.snapshot import SourceMode
from tokwatch.pages.sources import SourcesAsk
from tokwatch.ui import format as fmt
from tokwatch.ui.endpoint_words import EndpointLine
from tokwatch.ui.screens.endpoint_adding import EndpointScreen, trial_of
from tokwatch.ui.screens.panel import Panel
from tokwatch.ui.source_words import Row
from tokwatch.ui.widgets.endpoint_list import EndpointList
from tokwatch.ui.widgets.panes import Panes
from tokwatch.ui.widgets.source_facts import SourceFacts
from tokwatch.ui.widgets.source_list import SourceList
from tokwatch.ui.widgets.store_health import StoreHealthPane
from tokwatch.ui.widgets.table import Table


class SourcesScreen(EndpointScreen):
    """The table of sources, the endpoints, the chosen source, and the store."""

    CSS_PATH = "sources.tcss"
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
        Binding("T", "test", "Test", id="endpoint.test",
                tooltip="Ask everything of the endpoint once and keep nothing"),
        Binding("E", "edit", "Edit", id="endpoint.edit",
                tooltip="Change the endpoint in config.toml"),
        Binding("v", "reconcile", "Reconcile", id="reconcile",
                tooltip="Set the logs beside what gateways and providers tell"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.ask = SourcesAsk()

    def panes(self) -> ComposeResult:
        """Yield the panes from top to bottom."""
        with Panes(id="sources-panes"):
            yield SourceList(id="source-list")
            yield EndpointList(id="endpoint-list")
            with Horizontal(id="source-health"):
                yield SourceFacts(id="source-facts")
                yield StoreHealthPane(id="store-health")

    def go_to_endpoint(self, name: str) -> None:
        """Put the cursor on an endpoint, now or as soon as it is listed."""
        self.query_one(EndpointList).go_to(name)

    @on(Table.Moved)
    def _show(self, event: Table.Moved) -> None:
        """Show the source under the cursor."""
        if isinstance(event.row, Row):
            self.query_one(SourceFacts).show(event.row.status.name)

    @on(Table.Opened)
    def _open(self, event: Table.Opened) -> None:
        """Open the source's audit, or the endpoint."""
        from tokwatch.ui.widgets.explanation import Explanation

        row = event.row
        if isinstance(row, EndpointLine):
            self._open_endpoint(row.health.name)
        if not isinstance(row, Row):
            return
        if not row.counts.files:
            told = "no log of it was read yet"
            self.notify(f"{row.status.title}: {told}, so there is nothing to audit.", markup=False)
            return
        facts = self.query_one(SourceFacts)
        facts.show(row.status.name)
        self.app.push_screen(Panel(Explanation(facts)))

    def _open_endpoint(self, name: str) -> None:
        """Show all that is known of an endpoint."""
        from tokwatch.ui.widgets.endpoint_facts import EndpointFacts

        table = self.tokwatch.config.endpoint.get(name)
        self.app.push_screen(Panel(EndpointFacts(name, table)))

    @on(EndpointList.Paused)
    def _pause(self, event: EndpointList.Paused) -> None:
        """Stop polling an endpoint or go on, unless another process does that."""
        if self.tokwatch.feed.pause_endpoint(event.name):
            told = f"{event.name} is {'polled again' if event.is_over else 'paused'}"
        else:
            told = "Another process polls the endpoints: press space on its screen."
        self.notify(told, markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what there is something for."""
        if action in ("test", "edit"):
            return bool(self.tokwatch.config.endpoint)
        return super().check_action(action, parameters)

    @property
    def _endpoint(self) -> str:
        """The endpoint under the cursor, else the first one; said where it is there no more."""
        row = self.query_one(EndpointList).row
        config = self.tokwatch.config
        name = row.health.name if row is not None else next(iter(config.endpoint), "")
        if name in config.endpoint:
            return name
        self.notify("It is in config.toml no more.", markup=False)
        return ""

    def action_test(self) -> None:
        """Ask everything of an endpoint once, and keep nothing."""
        from tokwatch.ui.screens.endpoint_trial import EndpointTrial

        if (name := self._endpoint) and not self.is_simulated():
            table = self.tokwatch.config.endpoint[name]
            trial = partial(trial_of, self.tokwatch.config, name, table)
            title = f"{name} · {table.kind} · {table.address}"
            self.app.push_screen(EndpointTrial(fmt.clean(title), trial))

    def action_edit(self) -> None:
        """Change an endpoint."""
        if (name := self._endpoint) and not self.is_simulated():
            table = self.tokwatch.config.endpoint[name]
            self.show_form(f"endpoint {name}", entry_of(name, table), name)

    def action_reconcile(self) -> None:
        """Set the logs beside what gateways and providers tell."""
        from tokwatch.ui.screens.reconcile import ReconcileScreen

        self.app.push_screen(ReconcileScreen())

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
