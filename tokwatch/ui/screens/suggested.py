"""What can be done about the suggestion under the cursor, on the screen that lists them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from tokwatch.model.suggestion import Suggestion, SuggestionState
from tokwatch.pages.workbench_logged import LoggedAsk
from tokwatch.ui.acting import undo_setting, write_setting
from tokwatch.ui.format import clean
from tokwatch.ui.screens.paged import PageScreen
from tokwatch.ui.terminal import copy
from tokwatch.ui.to_workbench import TO_WORKBENCH, to_workbench
from tokwatch.ui.widgets.suggestion_facts import SuggestionFacts
from tokwatch.ui.widgets.suggestions_list import SuggestionsList
from tokwatch.ui.widgets.table import Table


class SuggestedScreen(PageScreen):
    """A screen with a list of suggestions and the chosen one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("A", "accept", "Accept", show=False, id="suggestion.accept",
                tooltip="Follow the suggestion: what it promised is watched from now on"),
        Binding("d", "do_without", "Dismiss", show=False, id="suggestion.dismiss",
                tooltip="Do without the suggestion; those of its kind sink. Again: take it back"),
        Binding("D", "done", "Done", show=False, id="suggestion.done",
                tooltip="You have followed the suggestion; it stays watched"),
        Binding("c", "copy_step", "Copy step", show=False, id="suggestion.copy",
                tooltip="Copy what the suggestion asks for: its command, or its steps"),
        Binding("W", "write", "Write", show=False, id="suggestion.write",
                tooltip="Write the setting that goes with the suggestion into config.toml"),
        Binding("U", "undo", "Undo", show=False, id="suggestion.undo",
                tooltip="Take the last change of config.toml back"),
        replace(TO_WORKBENCH, show=False),
    ]  # fmt: skip

    @on(SuggestionsList.Moved)
    def _show_suggestion(self, event: Table.Moved) -> None:
        """Show the suggestion under the cursor."""
        if isinstance(event.row, Suggestion):
            self.query_one(SuggestionFacts).show(event.row.id)

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
        """Take the prompt that the chosen suggestion is about to the workbench.

        That is its text or memory file where it is about one, else the dearest request's context.
        """
        one, page = self.query_one(SuggestionsList).row, self.query_one(SuggestionsList).content
        found = None if one is None or page is None else page.chain(one)
        if one is None or found is None:
            self.notify("There is no text to take: no request of it is stored.", markup=False)
            return
        from tokwatch.analysis.suggesting.acting import text_of

        chain, key = found
        text = text_of(one)
        asked = LoggedAsk(chain.source, chain.session, chain.agent, key, text=text)
        name = clean(text or "context")
        await to_workbench(self.app, asked, f"{name} of {clean(chain.session)[:8]}")
