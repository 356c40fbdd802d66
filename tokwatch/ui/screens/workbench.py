"""The workbench: a prompt, the stages that shorten it, what that saves, and what it costs."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from tokwatch.ui.screens.workbench_handing import BenchHanding
from tokwatch.ui.widgets.workbench_diff import BenchDiff
from tokwatch.ui.widgets.workbench_edit import BenchEdit
from tokwatch.ui.widgets.workbench_risk import BenchRisk, LedgerFacts
from tokwatch.ui.widgets.workbench_stages import BenchStages
from tokwatch.ui.widgets.workbench_tokens import BenchTokens

_NEEDS_TEXT = ("change", "refuse", "level", "way", "copy", "save", "unify", "keep", "summarise",
               "rewrite", "limits", "save_template", "accept_all")  # fmt: skip


class WorkbenchScreen(BenchHanding):
    """Compresses, shows, saves."""

    CSS_PATH = "workbench.tcss"
    PLACE = "workbench"
    AUTO_FOCUS = "BenchDiff"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 -- typed by Screen
        (0, "-narrow"),
        (100, "-wide"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "change(1)", "Next", id="bench.next", tooltip="The next change"),
        Binding("N", "change(-1)", "Before", show=False, id="bench.before",
                tooltip="The change before"),
        Binding("u", "undo", "Undo", show=False, id="bench.undo", tooltip="Take a step back"),
        Binding("U", "redo", "Redo", show=False, id="bench.redo",
                tooltip="Take the step again that was taken back"),
        Binding("v", "unify", "Split", show=False, id="bench.unify",
                tooltip="Side by side, or one beneath the other"),
    ]  # fmt: skip

    def panes(self) -> ComposeResult:
        """Yield the panes from top to bottom."""
        with Vertical(id="bench"):
            yield BenchTokens(id="bench-tokens")
            with Horizontal(id="bench-work"):
                yield BenchStages(id="bench-stages")
                yield BenchEdit(id="bench-edit")
                yield BenchDiff(id="bench-diff")
            yield BenchRisk(id="bench-risk")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what there is something for; `n` is the next change here."""
        if action in ("range", "travel", "resize", "now", "replay", "pace"):
            return False
        if action in _NEEDS_TEXT:
            return bool(self.bench.text)
        return super().check_action(action, parameters)

    def action_change(self, steps: int) -> None:
        """Look at the next change, or the one before."""
        self.choose(self.shown.chosen + steps)

    def action_undo(self) -> None:
        """Take a step back."""
        if not self.course.past:
            self.notify("There is nothing to take back.", markup=False)
        self.go(self.course.undone())

    def action_redo(self) -> None:
        """Take the step again."""
        if not self.course.future:
            self.notify("Nothing was taken back.", markup=False)
        self.go(self.course.redone())

    def action_unify(self) -> None:
        """Show both sides one beneath the other, or side by side."""
        self.is_unified = not self.is_unified
        if not self.is_unified and not self.is_split:
            self.notify("There is no room for two sides here.", markup=False)
        self.ask_worker()

    def action_ledger(self) -> None:
        """List what is gone."""
        from tokwatch.ui.screens.panel import Panel

        self.app.push_screen(Panel(LedgerFacts(self.shown)))

    def action_back(self) -> None:
        """Leave editing before anything else."""
        if self.has_class("-editing"):
            self.leave_edit()
        else:
            super().action_back()

    def leave(self) -> None:
        """Go where the user came from."""
        self.app.switch_mode(self._came_from)
        self._came_from = "overview"
