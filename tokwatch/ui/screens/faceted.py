"""A screen that splits spending by facets, and the keys that choose them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding, BindingType

from tokwatch.model.facets import Facet, Unit
from tokwatch.pages.costs import CostsAsk
from tokwatch.ui.screens.paged import PageScreen

if TYPE_CHECKING:
    from tokwatch.ui.palette import Command

FACETS: Final = tuple(Facet)
UNITS: Final = tuple(Unit)


class FacetScreen(PageScreen):
    """Chooses rows, columns and unit of the question about costs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "rows(1)", "By", id="costs.rows", tooltip="Rows by the next facet"),
        Binding("B", "rows(-1)", "By before", show=False, id="costs.rows-before",
                tooltip="Rows by the facet before"),
        Binding("c", "columns(1)", "Columns", id="costs.columns",
                tooltip="Columns by the next facet"),
        Binding("C", "columns(-1)", "Columns before", show=False, id="costs.columns-before",
                tooltip="Columns by the facet before"),
        Binding("x", "swap", "Swap", show=False, id="costs.swap",
                tooltip="Swap rows and columns"),
        Binding("v", "unit", "Value", id="costs.unit",
                tooltip="Show cost, tokens or requests"),
    ]  # fmt: skip

    @property
    def asked(self) -> CostsAsk:
        """The question of the moment."""
        assert isinstance(self.ask, CostsAsk)
        return self.ask

    def go(self, asked: CostsAsk) -> None:
        """Ask another question about costs."""
        self.look(asked)
        self.refresh_bindings()

    def rows_by(self, facet: Facet) -> None:
        """Show another facet in the rows; one that stands in the columns changes places."""
        asked = self.asked
        columns = asked.rows if facet is asked.columns else asked.columns
        self.go(replace(asked, rows=facet, columns=columns, lists_requests=False))

    def columns_by(self, facet: Facet | None) -> None:
        """Show another facet in the columns, or none."""
        asked = self.asked
        if facet is asked.rows:
            facet = None
        self.go(replace(asked, columns=facet, lists_requests=False))

    def action_rows(self, steps: int) -> None:
        """Show the next facet in the rows."""
        free = self._free()
        self.rows_by(free[(free.index(self.asked.rows) + steps) % len(free)])

    def action_columns(self, steps: int) -> None:
        """Show the next facet in the columns; after the last one none."""
        asked = self.asked
        free = [None, *(facet for facet in self._free() if facet is not asked.rows)]
        here = free.index(asked.columns) if asked.columns in free else 0
        self.columns_by(free[(here + steps) % len(free)])

    def _free(self) -> list[Facet]:
        """Return the facets of which nothing is picked."""
        picked = {pick.facet for pick in self.asked.picks}
        return [facet for facet in FACETS if facet not in picked or facet is self.asked.rows]

    def action_swap(self) -> None:
        """Swap rows and columns."""
        if self.asked.columns is not None:
            self.rows_by(self.asked.columns)

    def action_unit(self) -> None:
        """Show the next of cost, tokens and requests."""
        unit = UNITS[(UNITS.index(self.asked.unit) + 1) % len(UNITS)]
        self.go(replace(self.asked, unit=unit))

    def commands(self) -> Iterator[Command]:
        """Yield what the command palette finds beside the keys."""
        for facet in FACETS:
            yield f"Rows by {facet}", "Split the slice by it", partial(self.rows_by, facet)
        for facet in FACETS:
            yield f"Columns by {facet}", "Split the lines by it", partial(self.columns_by, facet)
