"""A form of the workbench: a few fields, and what is wrong with them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Input, Label, Static

from tokwatch.errors import TokwatchError
from tokwatch.ui.widgets.last_line import LastLine

Take = Callable[[dict[str, str]], None]
"""Do what was asked for; a TokwatchError says why that cannot be."""


class Asked(NamedTuple):
    """One field."""

    name: str
    label: str
    value: str = ""
    hint: str = ""
    is_path: bool = False


class Paths(Suggester):
    """Completes the path of a file."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Return the first name that goes on as typed."""
        if not value:
            return None
        folder, name = os.path.split(os.path.expanduser(value))
        try:
            with os.scandir(folder or ".") as entries:
                found = min(
                    (entry for entry in entries if entry.name.startswith(name) and name),
                    key=lambda entry: entry.name,
                    default=None,
                )
                end = "" if found is None else found.name[len(name) :]
                end += os.sep if found is not None and found.is_dir() else ""
        except OSError:
            return None
        return value + end if end else None


class BenchForm(ModalScreen[bool]):
    """Fields, the first of them ready to be typed in."""

    HELP = """
    # A form of the workbench
    `enter` in the last field, or `ctrl+s` anywhere, takes what was typed; `right` takes the
    completion of a path.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "take", "Take", id="bench-form.take", tooltip="Take what was typed"),
        Binding("escape", "dismiss(False)", "Back", id="bench-form.leave",
                tooltip="Leave it as it was"),
    ]  # fmt: skip

    def __init__(self, title: str, fields: Sequence[Asked], take: Take, first: str = "") -> None:
        super().__init__()
        self._title, self._fields, self._take = title, tuple(fields), take
        self._first = first or self._fields[0].name

    def compose(self) -> ComposeResult:
        """Show the fields, one beneath the other."""
        with Vertical(id="bench-form"):
            yield Label(self._title, id="bench-form-title", markup=False)
            for one in self._fields:
                yield Label(one.label, markup=False)
                entry = Input(one.value, placeholder=one.hint, id=f"bench-{one.name}",
                              compact=True, select_on_focus=False,
                              suggester=Paths() if one.is_path else None)  # fmt: skip
                entry.cursor_blink = False
                yield entry
            yield Static("", id="bench-problem", markup=False)
        yield LastLine()

    def on_mount(self) -> None:
        self.query_one(f"#bench-{self._first}", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the next field; from the last one, take them."""
        event.stop()
        if event.input.id == f"bench-{self._fields[-1].name}":
            self.action_take()
        else:
            self.app.action_focus_next()

    def action_take(self) -> None:
        """Take what was typed, or say what is wrong with it."""
        given = {one.name: self.query_one(f"#bench-{one.name}", Input).value
                 for one in self._fields}  # fmt: skip
        try:
            self._take(given)
        except TokwatchError as error:
            told = " ".join(part for part in (error.message, error.hint) if part)
            self.query_one("#bench-problem", Static).update(told)
        else:
            self.dismiss(True)
