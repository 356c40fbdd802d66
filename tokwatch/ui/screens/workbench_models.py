"""The panel with the models for the prompt at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from tokwatch.analysis.suitable import Fitting
from tokwatch.errors import TokwatchError
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.workbench import WorkbenchAsk, WorkbenchPage
from tokwatch.ui.widgets.last_line import LastLine
from tokwatch.ui.widgets.table import Table
from tokwatch.ui.widgets.workbench_models import BenchModels
from tokwatch.workbench.parts import said
from tokwatch.workbench.shown import Shown

if TYPE_CHECKING:
    from tokwatch.prompts.model_table import Known, ModelTable
    from tokwatch.ui.app import TokwatchApp


class ModelsPanel(ModalScreen[str | None]):
    """Asks what the store knows of models, then counts the prompt for each, in a thread."""

    CSS_PATH = "workbench.tcss"
    asks_feed: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back", id="bench-models.close",
                tooltip="Close the table"),
        Binding("?", "app.help", "Help", id="help", tooltip="Explain the pane and its keys"),
        Binding("q", "app.quit", "Quit", id="quit", tooltip="Leave tokwatch"),
    ]  # fmt: skip

    def __init__(self, shown: Shown) -> None:
        super().__init__()
        self._text = shown.sums.text if shown.sums is not None else shown.bench.text
        self._asked = WorkbenchAsk(shown.bench.model, shown.bench.origin.project, shows_models=True)
        self._is_counting = False

    def compose(self) -> ComposeResult:
        """Show the table, and the keys that do something here."""
        yield BenchModels(id="bench-models")
        yield LastLine()

    def on_mount(self) -> None:
        self.watch(self.app, "snapshot", self._take)

    def on_screen_resume(self) -> None:
        cast("TokwatchApp", self.app).feed.look(self._asked)

    def _take(self, snapshot: Snapshot | None) -> None:
        page = snapshot.page if snapshot else None
        if self._is_counting or page is None or not isinstance(page.content, WorkbenchPage):
            return
        if (known := page.content.known) is not None:
            self._is_counting = True
            self.run_worker(lambda: self._count(known, page.content.now_ms), thread=True)

    def _count(self, known: Known, now_ms: int) -> None:
        """Make the table, in a thread."""
        from tokwatch.prompts.model_table import model_table

        config = cast("TokwatchApp", self.app).config
        try:
            table = model_table(said(self._text), config, known, now_ms)
        except TokwatchError as error:
            self.app.call_from_thread(self.notify, error.message, markup=False)
        else:
            self.app.call_from_thread(self._show, table)

    def _show(self, table: ModelTable) -> None:
        order = sorted(table.rows, key=lambda row: not (row.is_used or row.is_cheapest))
        self.query_one(BenchModels).put(replace(table, rows=tuple(order)))

    @on(Table.Opened)
    def _open(self, event: Table.Opened) -> None:
        """Compress for the model under the cursor."""
        if isinstance(event.row, Fitting):
            self.dismiss(event.row.model)
