"""The panel in which a model is asked: what would be sent is told first, then it is followed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import ModalScreen

from tokwatch.errors import TokwatchError
from tokwatch.ui.widgets.last_line import LastLine
from tokwatch.ui.widgets.workbench_asking import AskingShown, BenchAsking
from tokwatch.workbench.asking import LEAST_PERCENT, MOST_PERCENT, Asking, Came, Wanted
from tokwatch.workbench.shown import Warmth

Plan = Callable[[int], Wanted]
"""Return what a rewriting to so many percent, or a summary, would send; in a thread."""
Begin = Callable[[Wanted], Asking]
Take = Callable[[Came | None, Wanted], None]
"""Gets what came; None where the model failed."""
Worth = Callable[[Wanted], Warmth | None]
"""Tell what it would do to a cache."""
_STEP = 10


class AskingPanel(ModalScreen[None]):
    """Plans, asks, shows; whatever waits is in threads."""

    CSS_PATH = "workbench.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Send", id="bench-asking.send",
                tooltip="Send it to the model"),
        Binding("escape", "leave", "Back", id="bench-asking.leave",
                tooltip="Break off what is sent, or close"),
        Binding("minus", "size(-1)", "Shorter", key_display="-", id="bench-asking.shorter",
                tooltip="Let the rewriting be shorter"),
        Binding("plus", "size(1)", "Longer", key_display="+", id="bench-asking.longer",
                tooltip="Let the rewriting be longer"),
        Binding("?", "app.help", "Help", id="help", tooltip="Explain the pane and its keys"),
        Binding("q", "app.quit", "Quit", id="quit", tooltip="Leave tokwatch"),
    ]  # fmt: skip

    class Said(Message):
        """A piece of the answer."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, plan: Plan, begin: Begin, take: Take, percent: int, worth: Worth) -> None:
        super().__init__()
        self._worth = worth
        self._plan, self._begin, self._take, self._percent = plan, begin, take, percent
        self.shown = AskingShown()
        self._asking: Asking | None = None

    def compose(self) -> ComposeResult:
        """Show the pane, and the keys that do something here."""
        yield BenchAsking(id="bench-asking")
        yield LastLine()

    def on_mount(self) -> None:
        self._work(partial(self._plan, self._percent), self._planned)

    def on_unmount(self) -> None:
        if self._asking is not None:
            self._asking.stop()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what there is something for."""
        wanted = self.shown.wanted
        if action == "send":
            return self.shown.is_ready
        if action == "size":
            return self.shown.is_ready and wanted is not None and not wanted.is_summary
        return super().check_action(action, parameters)

    def action_size(self, steps: int) -> None:
        """Plan a shorter or a longer rewriting."""
        percent = max(LEAST_PERCENT, min(MOST_PERCENT, self._percent + steps * _STEP))
        if percent != self._percent:
            self._percent = percent
            self._work(partial(self._plan, percent), self._planned)

    def action_send(self) -> None:
        """Send it."""
        wanted = self.shown.wanted
        if wanted is not None and self.shown.is_ready:
            self._asking = self._begin(wanted)
            self._put(replace(self.shown, is_sending=True))
            self._work(partial(self._asking.ask, self._said), self._came)

    def action_leave(self) -> None:
        """Break off what is sent; where nothing is, close."""
        if self.shown.is_sending and self._asking is not None:
            self._asking.stop()
            self._put(replace(self.shown, is_sending=False, is_broken_off=True))
        else:
            self.dismiss(None)

    def _said(self, text: str) -> None:
        self.post_message(self.Said(text))

    @on(Said)
    def _hear(self, event: Said) -> None:
        if self.shown.is_sending:
            self._put(replace(self.shown, text=self.shown.text + event.text))

    def _planned(self, wanted: Wanted) -> None:
        if wanted.percent in (0, self._percent) and self._asking is None:
            self._put(AskingShown(wanted, worth=self._worth(wanted)))

    def _came(self, came: Came | None) -> None:
        if came is None or not self.shown.is_sending or self.shown.wanted is None:
            return
        self._put(replace(self.shown, is_sending=False, came=came))
        self._take(came, self.shown.wanted)

    def _failed(self, error: TokwatchError) -> None:
        told = " ".join(part for part in (error.message, error.hint) if part)
        was_sending = self.shown.is_sending
        self._put(replace(self.shown, is_sending=False, problem=told))
        if was_sending and self.shown.wanted is not None:
            self._take(None, self.shown.wanted)

    def _put(self, shown: AskingShown) -> None:
        self.shown = shown
        if self.is_attached:
            self.query_one(BenchAsking).put(shown)
            self.refresh_bindings()

    def _work(self, work: Callable[[], object], done: Callable[..., None]) -> None:
        def run() -> None:
            try:
                found = work()
            except TokwatchError as error:
                self.app.call_from_thread(self._failed, error)
            except Exception as error:  # a worker's top: told
                told = TokwatchError(f"It failed: {type(error).__name__}.")
                self.app.call_from_thread(self._failed, told)
            else:
                self.app.call_from_thread(done, found)

        self.run_worker(run, thread=True)
