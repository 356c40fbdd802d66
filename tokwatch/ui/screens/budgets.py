"""Budgets and limits: what is left of each, how long it lasts, and goals on their way."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from tokwatch.config.budget_entry import Entry, EntryError, entry_of, keys_of
from tokwatch.model.budget import Scope, is_several
from tokwatch.model.facets import Facet, Pick
from tokwatch.model.standing import Standing
from tokwatch.pages.budgets import BudgetsAsk
from tokwatch.pages.costs import CostsAsk
from tokwatch.ui.acting import DEMO_WRITES, undo_setting
from tokwatch.ui.screens.paged import PageScreen
from tokwatch.ui.widgets.budget_facts import BudgetFacts
from tokwatch.ui.widgets.budget_goals import GoalList
from tokwatch.ui.widgets.budget_limits import Limits
from tokwatch.ui.widgets.budget_list import BudgetList
from tokwatch.ui.widgets.panes import Panes
from tokwatch.ui.widgets.table import Table

FACETS = {
    "project": Facet.PROJECT,
    "model": Facet.MODEL,
    "agent": Facet.KIND,
    "user": Facet.USER,
    "key": Facet.KEY,
    "tag": Facet.TAG,
    "source": Facet.SOURCE,
    "session": Facet.SESSION,
}


class BudgetsScreen(PageScreen):
    """The table of budgets, the chosen one, limits and goals."""

    CSS_PATH = "budgets.tcss"
    PLACE = "budgets"
    AUTO_FOCUS = "BudgetList"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 -- typed by Screen
        (0, "-narrow"),
        (76, "-roomy"),
        (110, "-wide"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("N", "make", "New", id="budget.new", tooltip="Make a new budget"),
        Binding("E", "edit", "Edit", id="budget.edit",
                tooltip="Change the chosen budget in config.toml"),
        Binding("U", "undo", "Undo", show=False, id="budget.undo",
                tooltip="Take the last change of config.toml back"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.ask = BudgetsAsk()

    def panes(self) -> ComposeResult:
        """Yield the panes from top to bottom."""
        with Panes(id="budgets-panes"):
            yield BudgetList(id="budget-list")
            with Horizontal(id="budget-limits"):
                yield BudgetFacts(id="budget-facts")
                yield Limits(id="limits")
            yield GoalList(id="goals")

    def action_make(self) -> None:
        """Make a new budget."""
        self._show_form("new budget", Entry(), "")

    def action_edit(self) -> None:
        """Change the chosen budget."""
        row = self.query_one(BudgetList).row
        table = self.tokwatch.config.budget.get(row.name) if row is not None else None
        if row is None:
            self.notify("No budget is set; N makes one.", markup=False)
        elif table is None:
            self.notify(f"{row.name} is a part of [split.{row.split}] in config.toml: change the "
                        "split there.", markup=False)  # fmt: skip
        else:
            self._show_form(f"budget {row.name}", entry_of(row.name, table), row.name)

    def _show_form(self, title: str, entry: Entry, before: str) -> None:
        from tokwatch.ui.screens.budget_form import BudgetForm

        self.app.push_screen(BudgetForm(title, entry, partial(self._save, before)), self._saved)

    def _save(self, before: str, entry: Entry) -> None:
        """Write a budget, and take the one out that it was before under another name."""
        from tokwatch.config.edit import drop_table, set_values

        if self.tokwatch.demo:
            raise EntryError(DEMO_WRITES)
        config, name = self.tokwatch.config, entry.name.strip()
        if before and not entry.amount.strip():
            drop_table(config, ("budget", before))
            return
        if not name or (name != before and name in config.budget):
            raise EntryError(f"name: {f'there is a budget {name}' if name else 'is missing'}")
        keys = keys_of(entry)
        set_values(config, ("budget", name), keys, before)

    def _saved(self, is_saved: bool | None) -> None:
        if is_saved:
            self.tokwatch.look_at_files()

    def action_undo(self) -> None:
        """Put config.toml back as it was before the last change."""
        undo_setting(self.tokwatch)

    @on(BudgetList.Moved)
    def _show(self, event: Table.Moved) -> None:
        """Show the budget under the cursor."""
        if isinstance(event.row, Standing):
            self.query_one(BudgetFacts).show(event.row.name, event.row.subject)

    @on(Table.Opened)
    async def _open(self, event: Table.Opened) -> None:
        """Show where it went: the costs of what the row counts."""
        from tokwatch.model.standing import GoalStanding
        from tokwatch.ui.screens.costs import CostsScreen

        row = event.row
        scopes: tuple[Scope, ...] = ()
        if isinstance(row, Standing | GoalStanding):
            scopes = row.scopes
        await self.app.switch_mode("costs")
        screen = self.app.screen
        if isinstance(screen, CostsScreen):
            screen.go(CostsAsk())
            if picks := [Pick(FACETS[one.dimension], one.name) for one in scopes if _is_whole(one)]:
                screen.narrow(*picks)


def _is_whole(scope: Scope) -> bool:
    """Tell whether a scope names what it is for in full: of a project its path, one model."""
    if scope.dimension == "model":
        return not is_several(scope.name)
    return scope.dimension != "project" or "/" in scope.name or "\\" in scope.name
