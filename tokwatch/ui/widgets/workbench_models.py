"""The models for the prompt at hand: tokens, window, price, complexity, the user's own errors."""

from __future__ import annotations

from collections.abc import Sequence

from tokwatch.analysis.suitable import Fitting
from tokwatch.model.snapshot import Snapshot
from tokwatch.model.units import NANO
from tokwatch.prompts.model_table import ModelTable
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell


def _name(row: Fitting, width: int, inks: Inks) -> Line:
    marks = (">" if row.is_cheapest else " ") + ("*" if row.is_used else " ")
    ink = inks.good if row.is_cheapest else inks.strong if row.is_used else inks.text
    return text_cell(f"{marks} {fmt.clean(row.model)}", width, ink)


def _tokens(row: Fitting, width: int, inks: Inks) -> Line:
    mark = "" if row.counted.is_exact else "≈"
    return text_cell(f"{mark}{row.counted.tokens:,}", width, inks.text, right=True)


def _window(row: Fitting, width: int, inks: Inks) -> Line:
    told = fmt.NOTHING if row.window is None else fmt.count(row.window)
    return text_cell(told, width, inks.muted, right=True)


def _share(row: Fitting, width: int, inks: Inks) -> Line:
    told = fmt.NOTHING if row.share is None else f"{row.share:.1%}"
    return text_cell(told, width, inks.text if row.fits else inks.error, right=True)


def _cold(row: Fitting, width: int, inks: Inks) -> Line:
    return text_cell(_money(row.cold_nano), width, inks.text, right=True)


def _cached(row: Fitting, width: int, inks: Inks) -> Line:
    return text_cell(_money(row.cached_nano), width, inks.text, right=True)


def _errors(row: Fitting, width: int, inks: Inks) -> Line:
    told = fmt.NOTHING if row.error_rate is None else f"{row.error_rate:.1%}"
    return text_cell(told, width, inks.text, right=True)


def _why(row: Fitting, width: int, inks: Inks) -> Line:
    return text_cell(row.why_not, width, inks.muted)


def _money(nano: int | None) -> str:
    return "n/a" if nano is None else fmt.money(nano, 2 if nano >= NANO else 6)


class BenchModels(Table[ModelTable, Fitting]):
    """A line for each model, the cheapest first."""

    ALLOW_MAXIMIZE = False
    TITLE = "models"
    KIND = ModelTable
    HELP = """
    # Models for this prompt
    What the prompt as it is now takes with each model: first the cheapest that suits (`>`) and
    those that you used in the last 90 days (`*`), then all others, the cheapest first. *cold*: sent
    for the first time; *cached*: read from a cache. *errors*: your own failed attempts. A model
    that its maker calls small does not suit a prompt that asks for much; the complexity and its
    parts stand above.

    * `enter` compresses for the model under the cursor
    """

    def put(self, table: ModelTable) -> None:
        """Show a table."""
        self._content = table
        self.taken()
        self.redraw()

    def columns(self) -> Sequence[TableColumn[Fitting]]:
        """Return the columns, from left to right."""
        return (
            TableColumn("model", 22, _name, most=34, order=lambda row: row.model),
            TableColumn("tokens", 9, _tokens, right=True, order=lambda row: row.counted.tokens),
            TableColumn("window", 6, _window, rank=4, right=True,
                        order=lambda row: row.window or 0),
            TableColumn("of it", 6, _share, rank=2, right=True, order=lambda row: row.share or 0),
            TableColumn("cold", 9, _cold, rank=1, right=True, order=lambda row: row.cold_nano or 0),
            TableColumn("cached", 9, _cached, rank=2, right=True,
                        order=lambda row: row.cached_nano or 0),
            TableColumn("errors", 6, _errors, rank=3, right=True,
                        order=lambda row: row.error_rate or 0.0),
            TableColumn("does not suit", 13, _why, rank=3, most=28),
        )  # fmt: skip

    def rows_of(self, content: ModelTable) -> Sequence[Fitting]:
        """Return the models, the cheapest first."""
        return content.rows

    def key_of(self, row: Fitting) -> str:
        """Return the model's name."""
        return f"{row.provider} {row.model}"

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how complex the prompt is."""
        if self._content is None:
            return [("models", inks.text)]
        asked = self._content.complexity
        parts = ", ".join(f"{part.name} {part.value:.2f}" for part in asked.parts)
        return [(f"models · complexity {asked.value:.2f}", inks.text), (f" ({parts})", inks.muted)]

    def why_empty(self, content: ModelTable) -> str:
        """Say why there is none."""
        return "no price list is here"

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where the numbers come from."""
        return (
            "Tokens are counted here in each model's encoding. Prices are those of the price list "
            "now. Errors: your attempts in the last 90 days, where enough are known.",
        )
