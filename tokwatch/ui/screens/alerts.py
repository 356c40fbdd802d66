"""Alerts and suggestions: what wants a look, what it rests on, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from tokwatch.alert import Alert
from tokwatch.pages.alerts import AlertsAsk
from tokwatch.pages.workbench_logged import LoggedAsk
from tokwatch.suggestion import Suggestion, SuggestionState
from tokwatch.ui.acting import undo_setting, write_setting
from tokwatch.ui.alarms import try_notifications
from tokwatch.ui.format import clean
from tokwatch.ui.screens.paged import PageScreen
from tokwatch.ui.terminal import copy
from tokwatch.ui.to_workbench import TO_WORKBENCH, to_workbench
from tokwatch.ui.widgets.alert_facts import AlertFacts
from tokwatch.ui.widgets.alert_list import AlertList
from tokwatch.ui.widgets.alert_rules import AlertRules
from tokwatch.ui.widgets.suggestion_facts import SuggestionFacts
from tokwatch.ui.widgets.suggestions_list import SuggestionsList
from tokwatch.ui.widgets.table import Table

if TYPE_CHECKING:
    from tokwatch.ui.palette import Command

PLACES = {"budget": "budgets", "quota": "budgets", "rate": "budgets", "source": "sources"}
"""Where to look at what rests on no single request, by the kind of its subject."""


class AlertsScreen(PageScreen):
    """The tables of alerts and of suggestions, each with its chosen one."""

    PLACE = "alerts"
    AUTO_FOCUS = "AlertList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "acknowledge", "Acknowledge", id="alert.acknowledge",
                tooltip="You have seen it: it stays listed, and quiet"),
        Binding("z", "snooze", "Snooze", id="alert.snooze",
                tooltip="Keep it quiet for a while; [alerts] snooze_minutes says how long"),
        Binding("T", "test", "Test", show=False, id="alert.test",
                tooltip="Send a test by every road of [notify]"),
        Binding("A", "accept", "Accept", id="suggestion.accept",
                tooltip="Follow the suggestion: what it promised is watched from now on"),
        Binding("d", "do_without", "Dismiss", id="suggestion.dismiss",
                tooltip="Do without the suggestion; those of its kind sink. Again: take it back"),
        Binding("D", "done", "Done", show=False, id="suggestion.done",
                tooltip="You have followed the suggestion; it stays watched"),
        Binding("c", "copy_step", "Copy step", show=False, id="suggestion.copy",
                tooltip="Copy what the suggestion asks for: its command, or its steps"),
        Binding("W", "write", "Write", show=False, id="suggestion.write",
                tooltip="Write the setting that goes with the suggestion into config.toml"),
        Binding("U", "undo", "Undo", show=False, id="suggestion.undo",
                tooltip="Take the last change of config.toml back"),
        TO_WORKBENCH,
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.ask = AlertsAsk()

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

    @on(SuggestionsList.Moved)
    def _show_suggestion(self, event: Table.Moved) -> None:
        """Show the suggestion under the cursor."""
        if isinstance(event.row, Suggestion):
            self.query_one(SuggestionFacts).show(event.row.id)

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

    def action_accept(self) -> None:
        """Follow the chosen suggestion."""
        self._answer(SuggestionState.ACCEPTED)

    def action_do_without(self) -> None:
        """Do without the chosen suggestion, or take that back."""
        one = self.query_one(SuggestionsList).row
        is_back = one is not None and one.state is SuggestionState.DISMISSED
        self._answer(SuggestionState.NEW if is_back else SuggestionState.DISMISSED)

    def action_done(self) -> None:
        """Note that the chosen suggestion was followed."""
        self._answer(SuggestionState.DONE)

    def _answer(self, state: SuggestionState) -> None:
        one = self.query_one(SuggestionsList).row
        if one is None:
            self.notify("There is no suggestion.", markup=False)
            return
        self.run_worker(partial(self._say, one.id, state), group="suggestions", thread=True)

    def _say(self, number: int, state: SuggestionState) -> None:
        """Write an answer, in a thread: another process may hold the store."""
        try:
            is_done = self.tokwatch.feed.answer(number, state)
        except Exception as error:  # a worker's top: told
            words = getattr(error, "message", type(error).__name__)
            self.app.call_from_thread(self.notify, f"Not written: {words}", markup=False)
            return
        if not is_done:
            self.app.call_from_thread(self.notify, "It is gone already.", markup=False)

    def action_copy_step(self) -> None:
        """Copy the command of the chosen suggestion, or its steps."""
        one = self.query_one(SuggestionsList).row
        if one is None:
            self.notify("There is no suggestion.", markup=False)
            return
        text = clean(one.copies) or "\n".join(map(clean, one.steps))
        copy(self.app, text)
        self.notify(f"Copied: {text.splitlines()[0]}", markup=False)

    def action_write(self) -> None:
        """Write the setting that goes with the chosen suggestion."""
        one = self.query_one(SuggestionsList).row
        write_setting(self.tokwatch, one)

    def action_undo(self) -> None:
        """Put config.toml back as it was before the last change."""
        undo_setting(self.tokwatch)

    async def action_workbench(self) -> None:
        """Take the context of the dearest request of the chosen suggestion to the workbench."""
        one, page = self.query_one(SuggestionsList).row, self.query_one(SuggestionsList).content
        found = None if one is None or page is None else page.chain(one)
        if found is None:
            self.notify("There is no text to take: no request of it is stored.", markup=False)
            return
        chain, key = found
        asked = LoggedAsk(chain.source, chain.session, chain.agent, key)
        await to_workbench(self.app, asked, f"context of {clean(chain.session)[:8]}")

    def commands(self) -> Iterator[Command]:
        """Yield the test for the command palette."""
        yield "Test notifications", "Send a test by every road of [notify]", self.action_test
