"""A panel over the screen: lines to read, closed by escape."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from tokwatch.ui.widgets.last_line import LastLine
from tokwatch.ui.widgets.painted import Pane


class Panel(ModalScreen[None]):
    """Shows one pane over the screen beneath."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,enter,i",
            "dismiss(None)",
            "Back",
            id="panel.close",
            key_display="esc",
            tooltip="Close the panel",
        ),
        # A panel hides the application's keys; these hold everywhere.
        Binding("?", "app.help", "Help", id="help", tooltip="Explain the pane and its keys"),
        Binding("q", "app.quit", "Quit", id="quit", tooltip="Leave tokwatch"),
    ]

    def __init__(self, pane: Pane) -> None:
        super().__init__()
        self._pane = pane

    def compose(self) -> ComposeResult:
        """Show the pane, and the keys that do something here."""
        yield self._pane
        yield LastLine()
