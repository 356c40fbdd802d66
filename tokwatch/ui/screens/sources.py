"""The health of what is read and of what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll

from tokwatch.config import Config
from tokwatch.config.endpoint_entry import Entry, Wanted, entry_of, wanted
from tokwatch.config.endpoints import EndpointTable
from tokwatch.model.snapshot import SourceMode
from tokwatch.pages.sources import SourcesAsk
from tokwatch.ui import format as fmt
from tokwatch.ui.acting import undo_setting
from tokwatch.ui.endpoint_words import EndpointLine
from tokwatch.ui.screens.paged import PageScreen
from tokwatch.ui.screens.panel import Panel
from tokwatch.ui.source_words import Row
from tokwatch.ui.widgets.endpoint_list import EndpointList
from tokwatch.ui.widgets.source_facts import SourceFacts
from tokwatch.ui.widgets.source_list import SourceList
from tokwatch.ui.widgets.store_health import StoreHealthPane
from tokwatch.ui.widgets.table import Table

if TYPE_CHECKING:
    from tokwatch.ingest.asking import Answer


class SourcesScreen(PageScreen):
    """The table of sources, the endpoints, the chosen source, and the store."""

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
        Binding("N", "add", "New endpoint", id="endpoint.new", tooltip="Add an endpoint"),
        Binding("E", "edit", "Edit", id="endpoint.edit",
                tooltip="Change the endpoint in config.toml"),
        Binding("U", "undo", "Undo", show=False, id="endpoint.undo",
                tooltip="Take the last change of config.toml back"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.ask = SourcesAsk()

    def panes(self) -> ComposeResult:
        """Yield the panes from top to bottom."""
        with VerticalScroll(id="sources-panes", can_focus=False):
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

        if (name := self._endpoint) and not self._is_simulated():
            table = self.tokwatch.config.endpoint[name]
            trial = partial(_trial, self.tokwatch.config, name, table)
            title = f"{name} · {table.kind} · {table.address}"
            self.app.push_screen(EndpointTrial(fmt.clean(title), trial))

    def action_add(self) -> None:
        """Add an endpoint."""
        if not self._is_simulated():
            self._show_form("new endpoint", Entry(), "")

    def action_edit(self) -> None:
        """Change an endpoint."""
        if (name := self._endpoint) and not self._is_simulated():
            table = self.tokwatch.config.endpoint[name]
            self._show_form(f"endpoint {name}", entry_of(name, table), name)

    def _is_simulated(self) -> bool:
        """Say so where this is the demo, which asks nobody."""
        if self.tokwatch.demo:
            self.notify("The demo asks no endpoint: leave it with escape first.", markup=False)
        return self.tokwatch.demo

    def _show_form(self, title: str, entry: Entry, before: str) -> None:
        from tokwatch.ui.screens.endpoint_form import EndpointForm

        form = EndpointForm(
            *(title, entry, lambda typed: wanted(typed, self.tokwatch.config, before)),
            *(self._ask, partial(self._save, before)),
        )
        self.app.push_screen(form, self._saved)

    def _ask(self, endpoint: Wanted) -> Iterator[Answer]:
        return _trial(self.tokwatch.config, endpoint.name, endpoint.table)

    def _save(self, before: str, endpoint: Wanted) -> None:
        from tokwatch.config.edit import set_values

        path = ("endpoint", endpoint.name)
        set_values(self.tokwatch.config, path, endpoint.keys, before)

    def _saved(self, is_saved: bool | None) -> None:
        if is_saved:
            self.tokwatch.look_at_files()
            self.notify("Saved into config.toml; U takes it back.", markup=False)

    def action_undo(self) -> None:
        """Put config.toml back as it was before the last change."""
        undo_setting(self.tokwatch)

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


def _trial(config: Config, name: str, table: EndpointTable) -> Iterator[Answer]:
    from tokwatch.ingest.asking import trial

    return trial(config, name, table)


def _fails(mode: SourceMode) -> bool:
    return mode is SourceMode.ERROR
