"""A form of the workbench: a few fields, and what is wrong with them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Input, Label, Static

from tokwatch.errors import TokwatchError
from tokwatch.ui.widgets.last_line import LastLine

Take = Callable[[dict[str, str]], object]
"""Do what was asked for; a TokwatchError says why that cannot be."""
Done = Callable[..., None]
"""Gets what came of it."""


class Asked(NamedTuple):
    """One field."""

    name: str
    label: str
    value: str = ""
    hint: str = ""
    is_path: bool = False
    options: tuple[str, ...] = ()
    """What it may be; `up` and `down` go through them."""


class Paths(Suggester):
    """Completes the path of a file."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Return the first name that goes on as typed."""
        return await asyncio.to_thread(completed, value) if value else None


def completed(value: str) -> str | None:
    """Return a path that goes on as typed, up to the next folder; None where there is none."""
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


class Field(Input):
    """An input in which keys go through what it may be."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "screen.option(1)", "Next choice", id="bench-form.next",
                tooltip="The next thing that the field may be"),
        Binding("up", "screen.option(-1)", "Choice before", show=False, id="bench-form.before",
                tooltip="The thing before that the field may be"),
    ]  # fmt: skip


class Fields(VerticalScroll, inherit_bindings=False):
    """Scrolls to the field that is typed in; the keys are the form's."""


class BenchForm(ModalScreen[bool]):
    """Fields, the first of them ready to be typed in."""

    CSS_PATH = "workbench.tcss"
    HELP = """
    # A form of the workbench
    `enter` in the last field, or `ctrl+s` anywhere, takes what was typed; `right` takes the
    completion of a path; `up` and `down` go through what a field may be.
    """
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 -- typed by Screen
        (0, "-low"),
        (30, "-tall"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "take", "Take", id="bench-form.take", tooltip="Take what was typed"),
        Binding("escape", "dismiss(False)", "Back", id="bench-form.leave",
                tooltip="Leave it as it was"),
    ]  # fmt: skip

    def __init__(
        self,
        title: str,
        fields: Sequence[Asked],
        take: Take,
        first: str = "",
        done: Done | None = None,
    ) -> None:
        """Make the form; with `done` what takes the fields runs in a thread, as it may wait."""
        super().__init__()
        self._title, self._fields, self._take = title, tuple(fields), take
        self._first, self._done = first or self._fields[0].name, done
        self._is_taking = False

    def compose(self) -> ComposeResult:
        """Show the fields, one beneath the other."""
        with Fields(id="bench-form", can_focus=False):
            yield Label(self._title, id="bench-form-title", markup=False)
            for one in self._fields:
                yield Label(one.label, markup=False)
                entry = Field(one.value, placeholder=one.hint, id=f"bench-{one.name}",
                              compact=True, select_on_focus=False,
                              suggester=Paths() if one.is_path else None)  # fmt: skip
                entry.cursor_blink = False
                yield entry
            yield Static("", id="bench-problem", markup=False)
        yield LastLine()

    def on_mount(self) -> None:
        self.query_one(f"#bench-{self._first}", Input).focus()

    def on_descendant_focus(self) -> None:
        self.call_after_refresh(self.refresh_bindings)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer choices where there are some."""
        if action == "option":
            asked = self._asked
            return asked is not None and bool(asked.options)
        return super().check_action(action, parameters)

    @property
    def _asked(self) -> Asked | None:
        """The field that is typed in."""
        here = self.focused.id if self.focused is not None else ""
        return next((one for one in self._fields if f"bench-{one.name}" == here), None)

    def action_option(self, places: int) -> None:
        """Put the next choice into the field."""
        if (asked := self._asked) is None or not asked.options:
            return
        field = self.query_one(f"#bench-{asked.name}", Input)
        at = asked.options.index(field.value) if field.value in asked.options else -places
        field.value = asked.options[(at + places) % len(asked.options)]
        field.cursor_position = len(field.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the next field; from the last one, take them."""
        event.stop()
        if event.input.id == f"bench-{self._fields[-1].name}":
            self.action_take()
        else:
            self.app.action_focus_next()

    def action_take(self) -> None:
        """Take what was typed, or say what is wrong with it."""
        if self._is_taking:
            return
        given = {one.name: self.query_one(f"#bench-{one.name}", Input).value
                 for one in self._fields}  # fmt: skip
        if self._done is not None:
            self._is_taking = True
            self._say("…")
            self.run_worker(partial(self._in_thread, given), thread=True)
            return
        try:
            self._take(given)
        except TokwatchError as error:
            self._failed(error)
        else:
            self.dismiss(True)

    def _in_thread(self, given: dict[str, str]) -> None:
        try:
            found = self._take(given)
        except TokwatchError as error:
            self.app.call_from_thread(self._failed, error)
        except Exception as error:  # a worker's top: told
            told = TokwatchError(f"It failed: {type(error).__name__}.")
            self.app.call_from_thread(self._failed, told)
        else:
            self.app.call_from_thread(self._finished, found)

    def _finished(self, found: object) -> None:
        if self.is_attached:  # not left meanwhile
            self.dismiss(True)
        if self._done is not None:
            self._done(found)

    def _failed(self, error: TokwatchError) -> None:
        self._is_taking = False
        self._say(" ".join(part for part in (error.message, error.hint) if part))

    def _say(self, text: str) -> None:
        if self.is_attached:
            problem = self.query_one("#bench-problem", Static)
            problem.update(text)
            problem.scroll_visible(animate=False)
