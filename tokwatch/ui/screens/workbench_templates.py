"""The panel in which a template is chosen: its wording and its version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from tokwatch.model.template import Template
from tokwatch.ui.widgets.last_line import LastLine
from tokwatch.ui.widgets.table import Table
from tokwatch.ui.widgets.workbench_templates import BenchTemplates, Shelf, Slot


class TemplatesPanel(ModalScreen[Slot | None]):
    """Gives back the template that is to be opened."""

    CSS_PATH = "workbench.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back", id="bench-templates.close",
                tooltip="Close the templates"),
        Binding("?", "app.help", "Help", id="help", tooltip="Explain the pane and its keys"),
        Binding("q", "app.quit", "Quit", id="quit", tooltip="Leave tokwatch"),
    ]  # fmt: skip

    def __init__(self, context: int) -> None:
        super().__init__()
        self._tokens = context

    def compose(self) -> ComposeResult:
        """Show the table, and the keys that do something here."""
        yield BenchTemplates(id="bench-templates")
        yield LastLine()

    def take(self, templates: Sequence[Template], first: str = "") -> None:
        """Show what the library holds, with the cursor on one of it."""
        if self.is_attached:
            table = self.query_one(BenchTemplates)
            table.put(Shelf(tuple(templates), self._tokens))
            table.select(first)

    @on(Table.Opened)
    def _open(self, event: Table.Opened) -> None:
        if isinstance(event.row, Slot):
            self.dismiss(event.row)
