"""The form in which a budget is made or changed; saved into the user's config.toml."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from tokwatch.config.budget_entry import Entry, EntryError
from tokwatch.errors import TokwatchError
from tokwatch.ui.widgets.last_line import LastLine

Save = Callable[[Entry], None]
"""Write the budget; a TokwatchError or an EntryError says why that cannot be."""
FIELDS = {
    "name": ("name", "daily"),
    "amount": ("amount", "$80, 5M tokens, 200k output tokens, 100 requests; empty deletes it"),
    "per": ("per", "block, day, week, month, session or run"),
    "of": ("for", "empty for all; project shop, model NAME, each project, …"),
}


class BudgetForm(ModalScreen[bool]):
    """Four fields and what is wrong with them."""

    CSS_PATH = "budgets.tcss"
    HELP = """
    # A budget
    `enter` in the last field, or `ctrl+s` anywhere, saves it into your config.toml: comments stay,
    a copy of the file before is kept beside it, `U` on the screen of budgets takes it back. An
    empty amount deletes the budget.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="budget.save", tooltip="Write it into config.toml"),
        Binding("escape", "dismiss(False)", "Back", id="budget.leave",
                tooltip="Leave without saving"),
    ]  # fmt: skip

    def __init__(self, title: str, entry: Entry, save: Save) -> None:
        super().__init__()
        self._title, self._entry, self._save = title, entry, save

    def compose(self) -> ComposeResult:
        """Show the fields, one beneath the other."""
        with Vertical(id="budget-form"):
            yield Label(self._title, id="budget-form-title", markup=False)
            for name, (label, hint) in FIELDS.items():
                yield Label(label, markup=False)
                value = getattr(self._entry, name)
                entry = Input(value, placeholder=hint, id=f"budget-{name}", compact=True,
                              select_on_focus=False)  # fmt: skip
                entry.cursor_blink = False
                yield entry
            yield Static("", id="budget-problem", markup=False)
        yield LastLine()

    def on_mount(self) -> None:
        first = "amount" if self._entry.name else "name"
        self.query_one(f"#budget-{first}", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the next field; from the last one, save."""
        event.stop()
        if event.input.id == "budget-of":
            self.action_save()
        else:
            self.app.action_focus_next()

    def action_save(self) -> None:
        """Save what was typed, or say what is wrong with it."""
        entry = Entry(*(self.query_one(f"#budget-{name}", Input).value for name in FIELDS))
        try:
            self._save(entry)
        except EntryError as error:
            self.query_one("#budget-problem", Static).update(str(error))
        except TokwatchError as error:
            told = " ".join(part for part in (error.message, error.hint) if part)
            self.query_one("#budget-problem", Static).update(told)
        else:
            self.dismiss(True)
