"""Alerts and suggestions: what wants a look, what it rests on, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from tokwatch.model.alert import Alert
from tokwatch.model.suggestion import Suggestion
from tokwatch.pages.alerts import AlertsAsk
from tokwatch.ui.alarms import try_notifications
from tokwatch.ui.screens.suggested import SuggestedScreen
from tokwatch.ui.widgets.alert_facts import AlertFacts
from tokwatch.ui.widgets.alert_list import AlertList
from tokwatch.ui.widgets.alert_rules import AlertRules
from tokwatch.ui.widgets.suggestion_facts import SuggestionFacts
from tokwatch.ui.widgets.suggestions_list import SuggestionsList
from tokwatch.ui.widgets.table import Table

if TYPE_CHECKING:
    from tokwatch.ui.palette import Command

PLACES = {"budget": "budgets", "quota": "budgets", "rate": "budgets", "source": "sources",
          "endpoint": "sources"}  # fmt: skip
"""Where to look at what rests on no single request, by the kind of its subject."""
OF_ALERTS: Final = ("acknowledge", "snooze")
OF_SAVINGS: Final = ("accept", "do_without", "done", "copy_step", "write", "workbench")


class AlertsScreen(SuggestedScreen):
    """The tables of alerts and of suggestions, each with its chosen one."""

    CSS_PATH = "alerts.tcss"
    PLACE = "alerts"
    AUTO_FOCUS = "AlertList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "acknowledge", "Acknowledge", show=False, id="alert.acknowledge",
                tooltip="You have seen it: it stays listed, and quiet"),
        Binding("z", "snooze", "Snooze", show=False, id="alert.snooze",
                tooltip="Keep it quiet for a while; [alerts] snooze_minutes says how long"),
        Binding("T", "test", "Test", show=False, id="alert.test",
                tooltip="Send a test by every road of [notify]"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.ask = AlertsAsk()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Name no key that sees to a line while there is none."""
        if action in OF_ALERTS:
            return any(each.row is not None for each in self.query(AlertList))
        if action in OF_SAVINGS:
            return any(each.row is not None for each in self.query(SuggestionsList))
        return super().check_action(action, parameters)

    def panes(self) -> ComposeResult:
        """Yield the panes from top to bottom."""
        with Vertical(id="alerts-panes"):
            with Horizontal(id="alerts-top"):
                yield AlertList(id="alert-list")
                yield AlertFacts(id="alert-facts")
            with Horizontal(id="alerts-below"):
                yield SuggestionsList(id="suggestion-list")
                yield SuggestionFacts(id="suggestion-facts")
            yield AlertRules(id="alert-rules")

    @on(AlertList.Moved)
    def _show(self, event: Table.Moved) -> None:
        """Show the alert under the cursor."""
        if isinstance(event.row, Alert):
            self.query_one(AlertFacts).show(event.row.id)

    @on(Table.Opened)
    def _open(self, event: Table.Opened) -> None:
        """Land on the message that caused it, or where its kind is explained."""
        alert = event.row
        page = self.query_one(AlertList).content
        if page is None or not isinstance(alert, (Alert, Suggestion)):
            return
        if (found := page.chain(alert)) is not None:
            from tokwatch.ui.screens.session import open_session

            chain, key = found
            open_session(self.app, chain.source, chain.session, chain.agent, key)
        elif place := PLACES.get(alert.subject.partition(" ")[0]):
            self.tokwatch.action_place(place)
        else:
            told = "its requests were pruned" if alert.events else "it rests on no single request"
            self.notify(f"Nothing to open: {told}.", markup=False)

    def action_acknowledge(self) -> None:
        """Note that the chosen alert was seen."""
        self._quiet(snoozes=False)

    def action_snooze(self) -> None:
        """Keep the chosen alert quiet for a while."""
        self._quiet(snoozes=True)

    def _quiet(self, *, snoozes: bool) -> None:
        alert = self.query_one(AlertList).row
        if alert is None or alert.closed_ms is not None:
            self.notify("It is over already." if alert else "There is no alert.", markup=False)
            return
        work = partial(self._write, alert.id, snoozes=snoozes)
        self.run_worker(work, group="alerts", thread=True)

    def _write(self, alert: int, *, snoozes: bool) -> None:
        """Write what the user did, in a thread: another process may hold the store."""
        try:
            is_done = self.tokwatch.feed.acknowledge(alert, snoozes=snoozes)
        except Exception as error:  # a worker's top: told
            words = getattr(error, "message", type(error).__name__)
            self.app.call_from_thread(self.notify, f"Not written: {words}", markup=False)
            return
        if not is_done:
            self.app.call_from_thread(self.notify, "It is over already.", markup=False)

    def action_test(self) -> None:
        """Send a test by every road that is on."""
        try_notifications(self.tokwatch)

    def commands(self) -> Iterator[Command]:
        """Yield the test for the command palette."""
        yield "Test notifications", "Send a test by every road of [notify]", self.action_test
