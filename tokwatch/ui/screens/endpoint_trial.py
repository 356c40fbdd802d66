"""A trial of an endpoint: everything is asked of it once, and nothing of it is kept."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label

from tokwatch.ui.widgets.answers import Answers, Trial
from tokwatch.ui.widgets.last_line import LastLine


class EndpointTrial(ModalScreen[None]):
    """Asks as it opens, and shows what each part answers."""

    CSS_PATH = "sources.tcss"
    HELP = """
    # Trial of an endpoint
    Everything that the endpoint offers is asked for once, as if for the first time; what comes is
    shown here and kept nowhere. `+` it answered, `-` it works and does not tell this, `!` it
    failed. `tokwatch endpoints test NAME` does the same.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("T", "again", "Ask again", id="trial.again", tooltip="Ask the endpoint once more"),
        Binding("escape,enter", "dismiss(None)", "Back", id="trial.leave", key_display="esc",
                tooltip="Close it; what is under way is not waited for"),
        Binding("?", "app.help", "Help", id="help", tooltip="Explain the pane and its keys"),
        Binding("q", "app.quit", "Quit", id="quit", tooltip="Leave tokwatch"),
    ]  # fmt: skip

    def __init__(self, title: str, trial: Trial) -> None:
        super().__init__()
        self._title, self._trial = title, trial

    def compose(self) -> ComposeResult:
        """Show the answers in a frame."""
        with Vertical(id="endpoint-trial", classes="endpoint-frame"):
            yield Label(self._title, classes="endpoint-title", markup=False)
            yield Answers()
        yield LastLine()

    def on_mount(self) -> None:
        self.action_again()

    def action_again(self) -> None:
        """Ask."""
        self.query_one(Answers).ask(self._trial)
