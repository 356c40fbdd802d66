"""Opening prompts on the workbench: files, the clipboard, editors, templates, logged sessions."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from msgspec.structs import replace
from textual import events, on
from textual.app import SuspendNotSupported
from textual.binding import Binding, BindingType

from tokwatch.compress.nouns import Kind
from tokwatch.errors import TokwatchError
from tokwatch.model.detail import Part
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.workbench_logged import LoggedAsk, LoggedPage
from tokwatch.ui.screens.workbench_state import BenchState
from tokwatch.ui.widgets.workbench_diff import BenchDiff
from tokwatch.ui.widgets.workbench_edit import BenchEdit
from tokwatch.workbench.logged import logged_text
from tokwatch.workbench.state import Bench, Origin

if TYPE_CHECKING:
    from tokwatch.model.template import Used
    from tokwatch.prompts.given_text import GivenText
    from tokwatch.ui.widgets.workbench_templates import Slot


KINDS: Final = {Part.TOOL_RESULT: Kind.RESULT, Part.ASSISTANT: Kind.ASSISTANT}
"""Of logged blocks whose words are not the user's own."""


class BenchOpening(BenchState):
    """Brings a prompt to the workbench, whatever it holds."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "open", "Open", id="bench.open", tooltip="Open a file"),
        Binding("e", "edit", "Edit", id="bench.edit", tooltip="Edit the prompt here"),
        Binding("c", "paste", "Clipboard", show=False, id="bench.clipboard",
                tooltip="Open what is on the clipboard"),
        Binding("E", "editor", "Editor", show=False, id="bench.editor",
                tooltip="Edit the prompt in $EDITOR"),
        Binding("T", "templates", "Templates", show=False, id="bench.templates",
                tooltip="Open a template"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._fetched: tuple[LoggedAsk, str] | None = None
        """What is asked of a log, and what it is called."""
        self._came_from = "overview"
        self._edited_part = 0

    def open_text(self, text: str, origin: Origin, model: str = "") -> None:
        """Work on another prompt; what was is one undo away."""
        if not text.strip():
            self.notify(f"{origin.name or 'The text'} is empty.", markup=False)
            return
        chunk = self.tokwatch.config.chunk
        fresh = Bench(
            *(text, origin, model or self.bench.model),
            target=self.bench.target,
            level=self.bench.level,
            examples=chunk.examples,
            chunk_tokens=chunk.tokens,
        )
        self.to(fresh)
        self.query_one(BenchDiff).action_scroll(-1_000_000_000)
        self.refresh_bindings()

    def fetch(self, asked: LoggedAsk, name: str, came_from: str) -> None:
        """Take a text of a logged session, once it is known where it stands."""
        self._fetched, self._came_from = (asked, name), came_from
        self.look(asked)

    def _take(self, snapshot: Snapshot | None) -> None:
        """Take where a logged text stands, beside what the store knows of models."""
        page = snapshot.page if snapshot else None
        if self._fetched is None or page is None or not isinstance(page.content, LoggedPage):
            super()._take(snapshot)
            return
        found, (asked, name) = page.content, self._fetched
        if page.ask != asked or found.is_reading:
            return
        self._fetched = None
        if found.problem:
            self.notify(found.problem, severity="warning", markup=False)
        else:
            self.in_thread(partial(logged_text, found), partial(self._take_logged, found, name))
        self.look(self.asked)

    def _take_logged(self, found: LoggedPage, name: str, text: str) -> None:
        kind = KINDS.get(found.part, Kind.PLAIN) if found.part is not None else Kind.PLAIN
        origin = Origin(name, project=found.project, kind=kind, cached=found.cached)
        self.open_text(text, origin, found.model)

    def on_paste(self, event: events.Paste) -> None:
        """Work on what is pasted."""
        event.stop()
        self.open_text(event.text, Origin("pasted text"))

    def action_open(self) -> None:
        """Ask for a file."""
        from tokwatch.ui.screens.workbench_form import Asked, BenchForm

        here = os.path.join(os.path.dirname(self.bench.origin.file), "")
        field = Asked("path", "file; right completes", here, "~/prompts/review.md", is_path=True)
        self.app.push_screen(BenchForm("open", [field], _file_text, done=self._opened))

    def _opened(self, found: tuple[Path, GivenText]) -> None:
        file, given = found
        self.open_text(given.text, Origin(file.name, str(file), note=given.note))

    def action_paste(self) -> None:
        """Work on what is on the clipboard."""
        from tokwatch.ui.prompt_texts import clipboard

        self.in_thread(clipboard, self._pasted)

    def _pasted(self, text: str | None) -> None:
        text = text or self.app.clipboard
        if text:
            self.open_text(text, Origin("clipboard"))
        else:
            self.notify("The clipboard is empty, or cannot be read here: paste instead.",
                        markup=False)  # fmt: skip

    def action_editor(self) -> None:
        """Let the user edit the prompt in an editor of their own."""
        from tokwatch.ui.prompt_texts import edited, editor_command

        try:
            command = editor_command()
            with self.app.suspend():
                text = edited(self.bench.text, command)
        except SuspendNotSupported:
            self.notify("An editor cannot be opened in this terminal; e edits here.", markup=False)
        except TokwatchError as error:
            self.tell_error(error)
        else:
            self._take_edited(text)

    def _take_edited(self, text: str) -> None:
        if self.bench.text:
            self.to(replace(self.bench, text=text))
        else:
            self.open_text(text, Origin("written here"))

    def action_edit(self) -> None:
        """Edit the prompt beside its compression; of a chat the message that is looked at."""
        from tokwatch.workbench.parts import part_text

        if not self.bench.text:
            self._begin_edit((0, ""))
            return
        change = self.shown.change
        part = None if change is None else change.part
        self.in_thread(partial(part_text, self.bench.text, part), self._begin_edit)

    def _begin_edit(self, found: tuple[int, str]) -> None:
        self._edited_part, text = found
        self.add_class("-editing")
        self.query_one(BenchEdit).begin(text)

    @on(BenchEdit.Edited)
    def _edited(self, event: BenchEdit.Edited) -> None:
        from tokwatch.workbench.parts import with_part

        if not self.bench.text:
            self._take_edited(event.text)
            return
        of = (self.bench.text, self._edited_part, event.text)
        self.in_thread(partial(with_part, *of), self._take_edited, "bench-edit")

    @on(BenchEdit.Left)
    def leave_edit(self) -> None:
        self.remove_class("-editing")
        self.query_one(BenchDiff).focus()

    def action_templates(self) -> None:
        """Ask for a template."""
        from tokwatch.ui.screens.workbench_templates import TemplatesPanel
        from tokwatch.workbench.library import context_of, listed

        context = context_of(self.shown)
        panel = TemplatesPanel(context)
        self.app.push_screen(panel, partial(self._use, context))
        show = partial(panel.take, first=self.bench.origin.template)
        self.in_thread(partial(listed, self.tokwatch.config), show)

    def _use(self, context: int, slot: Slot | None) -> None:
        from tokwatch.workbench.library import used

        if slot is not None:
            variant = slot.variant if slot.is_asked or not slot.is_newest else None
            self.in_thread(
                partial(used, self.tokwatch.config, slot.template, self.tokwatch.clock(),
                        context, variant, slot.version),
                self._used,
            )  # fmt: skip

    def _used(self, found: tuple[Used, Origin]) -> None:
        used, origin = found
        self.open_text(used.text, origin)
        self.notify(f"The {used.variant} wording: {used.why}.", markup=False)

    def in_thread(
        self, work: Callable[[], object], done: Callable[..., None], group: str = "bench"
    ) -> None:
        """Do what may wait in a thread; what is wrong is told."""

        def run() -> None:
            try:
                found = work()
            except TokwatchError as error:
                self.app.call_from_thread(self.tell_error, error)
            except Exception as error:  # a worker's top: told
                told = TokwatchError(f"It failed: {type(error).__name__}.")
                self.app.call_from_thread(self.tell_error, told)
            else:
                self.app.call_from_thread(done, found)

        self.run_worker(run, group=group, thread=True)

    def tell_error(self, error: TokwatchError) -> None:
        told = " ".join(part for part in (error.message, error.hint) if part)
        self.notify(told, severity="error", markup=False)


def _file_text(given: dict[str, str]) -> tuple[Path, GivenText]:
    """Return a file and its text; raise for what is no text."""
    from tokwatch.prompts.given_text import given_text

    file = Path(given["path"].strip()).expanduser()
    if not file.is_file():
        there = "is a folder" if file.is_dir() else "does not exist, or is no file"
        raise TokwatchError(f"{file} {there}.")
    return file, given_text(str(file))
