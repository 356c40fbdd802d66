"""The workbench: a prompt, the stages that shorten it, what that saves, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from tokwatch.compress.levels import Level
from tokwatch.errors import TokwatchError
from tokwatch.pages.workbench_logged import LoggedAsk, LoggedPage
from tokwatch.snapshot import Snapshot
from tokwatch.ui.screens.workbench_state import BenchState
from tokwatch.ui.terminal import copy
from tokwatch.ui.widgets.table import Table
from tokwatch.ui.widgets.workbench_diff import BenchDiff
from tokwatch.ui.widgets.workbench_edit import BenchEdit
from tokwatch.ui.widgets.workbench_risk import BenchRisk, LedgerFacts
from tokwatch.ui.widgets.workbench_stages import BenchStages
from tokwatch.ui.widgets.workbench_tokens import BenchTokens
from tokwatch.workbench.state import Bench, Origin, target_of
from tokwatch.workbench.work import StageSum

if TYPE_CHECKING:
    from tokwatch.given_text import GivenText
    from tokwatch.ui.palette import Command

LEVELS = tuple(Level)


class WorkbenchScreen(BenchState):
    """Opens, compresses, shows, saves."""

    PLACE = "workbench"
    AUTO_FOCUS = "BenchDiff"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 -- typed by Screen
        (0, "-narrow"),
        (100, "-wide"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "open", "Open", id="bench.open", tooltip="Open a file"),
        Binding("e", "edit", "Edit", id="bench.edit", tooltip="Edit the prompt here"),
        Binding("n", "change(1)", "Next", id="bench.next", tooltip="The next change"),
        Binding("N", "change(-1)", "Before", show=False, id="bench.before",
                tooltip="The change before"),
        Binding("x", "refuse", "Reject", id="bench.refuse",
                tooltip="Reject the change, or all of the stage; or accept again"),
        Binding("b", "target", "Target", id="bench.target",
                tooltip="Target, question, what must stay, examples"),
        Binding("l", "level", "Level", id="bench.level",
                tooltip="The next level: light, balanced, aggressive"),
        Binding("y", "copy", "Copy", id="bench.copy", tooltip="Copy the result"),
        Binding("ctrl+s", "save", "Save", id="bench.save", tooltip="Save the result to a file"),
        Binding("u", "undo", "Undo", show=False, id="bench.undo", tooltip="Take a step back"),
        Binding("U", "redo", "Redo", show=False, id="bench.redo",
                tooltip="Take the step again that was taken back"),
        Binding("c", "paste", "Clipboard", show=False, id="bench.clipboard",
                tooltip="Open what is on the clipboard"),
        Binding("E", "editor", "Editor", show=False, id="bench.editor",
                tooltip="Edit the prompt in $EDITOR"),
        Binding("a", "question", "Question", show=False, id="bench.question",
                tooltip="Say what the prompt is to answer"),
        Binding("v", "unify", "Split", show=False, id="bench.unify",
                tooltip="Side by side, or one beneath the other"),
        Binding("M", "keep", "Keep", show=False, id="bench.keep",
                tooltip="Never touch the words of this change, or let go of them again"),
        Binding("A", "accept_all", "Accept all", show=False, id="bench.accept-all",
                tooltip="Accept every change again"),
        Binding("m", "models", "Models", show=False, id="bench.models",
                tooltip="The models that fit, with prices; enter picks one"),
        Binding("T", "templates", "Templates", show=False, id="bench.templates",
                tooltip="Open a template"),
        Binding("S", "save_template", "As template", show=False, id="bench.save-template",
                tooltip="Save prompt and result as a template"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._fetched: tuple[LoggedAsk, str] | None = None
        """What is asked of a log, and what it is called."""
        self._came_from = "overview"
        self._edited_part = 0

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
        if action in ("change", "refuse", "level", "copy", "save", "unify", "keep"):
            return bool(self.bench.text)
        return super().check_action(action, parameters)

    # Opening

    def open_text(self, text: str, origin: Origin, model: str = "") -> None:
        """Work on another prompt; what was is one undo away."""
        if not text.strip():
            self.notify(f"{origin.name or 'The text'} is empty.", markup=False)
            return
        fresh = Bench(text, origin, model or self.bench.model, target=self.bench.target,
                      level=self.bench.level)  # fmt: skip
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
            self._in_thread(partial(_logged_text, found), partial(self._take_logged, found, name))
        self.look(self.asked)

    def _take_logged(self, found: LoggedPage, name: str, text: str) -> None:
        origin = Origin(name, project=found.project, cached=found.cached)
        self.open_text(text, origin, found.model)

    def on_paste(self, event: events.Paste) -> None:
        """Work on what is pasted."""
        event.stop()
        self.open_text(event.text, Origin("pasted text"))

    def action_open(self) -> None:
        """Ask for a file."""
        from tokwatch.ui.screens.workbench_form import Asked, BenchForm

        here = self.bench.origin.file
        field = Asked("path", "file; right completes", here, "~/prompts/review.md", is_path=True)
        self.app.push_screen(BenchForm("open", [field], lambda given: self._read(given["path"])))

    def _read(self, name: str) -> None:
        file = Path(name.strip()).expanduser()
        if not file.is_file():
            there = "is a folder" if file.is_dir() else "does not exist, or is no file"
            raise TokwatchError(f"{file} {there}.")
        self._in_thread(partial(_file_text, file), partial(self._opened, file))

    def _opened(self, file: Path, given: GivenText) -> None:
        self.open_text(given.text, Origin(file.name, str(file), note=given.note))

    def action_paste(self) -> None:
        """Work on what is on the clipboard."""
        from tokwatch.ui.prompt_texts import clipboard

        self._in_thread(clipboard, self._pasted)

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
            self._tell_error(error)
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
        self._in_thread(partial(part_text, self.bench.text, part), self._begin_edit)

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
        self._in_thread(partial(with_part, *of), self._take_edited, "bench-edit")

    @on(BenchEdit.Left)
    def _leave_edit(self) -> None:
        self.remove_class("-editing")
        self.query_one(BenchDiff).focus()

    # Changing

    def action_change(self, steps: int) -> None:
        """Look at the next change, or the one before."""
        self.choose(self.shown.chosen + steps)

    def action_refuse(self) -> None:
        """Reject or accept the change, or all changes of the stage that has the focus."""
        stages = self.query_one(BenchStages)
        if self.focused is stages and stages.row is not None:
            keys = frozenset(
                key for one in self.shown.changes if one.stage == stages.row.name
                for key in one.group
            )  # fmt: skip
            if keys:
                self.to(self.bench.refused(keys))
        elif (change := self.shown.change) is not None:
            self.to(self.bench.refused(change.group))

    def action_accept_all(self) -> None:
        """Accept every change again."""
        self.to(replace(self.bench, rejected=frozenset()))

    def action_keep(self) -> None:
        """Let the words of the change stand for good."""
        change = self.shown.change
        if change is None or not change.old.strip():
            self.notify("This change takes no words away.", markup=False)
        elif len(change.old) >= 400:
            self.notify("Too long to be kept as words: x rejects it.", markup=False)
        else:
            self.to(self.bench.kept(change.old.strip()))

    def action_switch(self) -> None:
        """Switch the stage under the cursor on or off."""
        if (row := self.query_one(BenchStages).row) is not None:
            self.to(self.bench.switched(row.name))

    def action_shift(self, places: int) -> None:
        """Let the stage under the cursor run earlier or later."""
        if (row := self.query_one(BenchStages).row) is not None:
            self.to(self.bench.moved(row.name, places))

    @on(Table.Opened)
    def _to_stage(self, event: Table.Opened) -> None:
        """Look at the first change of a stage."""
        if isinstance(event.row, StageSum):
            found = (n for n, one in enumerate(self.shown.changes) if one.stage == event.row.name)
            if (first := next(found, None)) is not None:
                self.choose(first)
            else:
                self.notify(f"{event.row.name} changed nothing.", markup=False)

    def action_level(self) -> None:
        """Go to the next level; stages are as that level has them."""
        level = LEVELS[(LEVELS.index(self.bench.level) + 1) % len(LEVELS)]
        self.to(replace(self.bench, level=level, chosen=()))
        self.notify(f"Level: {level}", markup=False)

    def action_undo(self) -> None:
        """Take a step back."""
        self.go(self.course.undone())

    def action_redo(self) -> None:
        """Take the step again."""
        self.go(self.course.redone())

    def action_unify(self) -> None:
        """Show both sides one beneath the other, or side by side."""
        self.is_unified = not self.is_unified
        if not self.is_unified and not self.is_split:
            self.notify("There is no room for two sides here.", markup=False)
        self.ask_worker()

    def action_question(self) -> None:
        """Ask for the question."""
        self._ask_for("question")

    def action_target(self) -> None:
        """Ask for target, question and what else can be tuned."""
        self._ask_for("target")

    def _ask_for(self, first: str) -> None:
        from tokwatch.ui.screens.workbench_form import Asked, BenchForm

        bench, rooms = self.bench, "".join(f", {name}" for name, _ in self.shown.page.rooms)
        fields = [
            Asked("target", "target", str(bench.target), f"30%, 2000, 2k, all{rooms}"),
            Asked("question", "question: what the prompt is to answer", bench.question,
                  "with one, only what answers it need stay"),
            Asked("keep", "must stay: patterns, a blank between them", " ".join(bench.keep),
                  r"ERR-\d+ deadline"),
            Asked("blind", "without a question: keep sentences with rare facts only",
                  "yes" if bench.is_blind else "no", "yes or no"),
            Asked("examples", "examples that stay", str(bench.examples)),
            Asked("results", "newest tool results that are never cleared",
                  str(bench.keep_results)),
            Asked("model", "model", bench.model, "claude-opus-4-5; empty counts o200k"),
        ]  # fmt: skip
        self.app.push_screen(BenchForm("target", fields, self._tune, first))

    def _tune(self, given: dict[str, str]) -> None:
        import re

        typed = given["target"].strip()
        same = typed == str(self.bench.target)
        target = self.bench.target if same else target_of(typed, dict(self.shown.page.rooms))
        before = " ".join(self.bench.keep)
        keep = self.bench.keep if given["keep"] == before else tuple(given["keep"].split())
        for pattern in keep:
            try:
                re.compile(pattern)
            except re.error as error:
                raise TokwatchError(f"must stay: {pattern} is no pattern: {error}.") from None
        numbers = {name: _number(given[name], name) for name in ("examples", "results")}
        question, is_blind = (
            given["question"].strip(),
            given["blind"].strip().lower() in ("yes", "y"),
        )
        is_other = (bool(question), is_blind) != (bool(self.bench.question), self.bench.is_blind)
        self.to(replace(
            self.bench, target=target, question=question, keep=keep, is_blind=is_blind,
            examples=numbers["examples"], keep_results=numbers["results"],
            model=given["model"].strip(), chosen=() if is_other else self.bench.chosen,
        ))  # fmt: skip

    # Handing over

    def action_copy(self) -> None:
        """Copy the result."""
        if (sums := self.shown.sums) is None:
            self.notify("There is no result yet.", markup=False)
            return
        copy(self.app, sums.text)
        self.notify(f"Copied: {sums.after:,} tokens", markup=False)
        self.note_run()

    def action_save(self) -> None:
        """Ask for a file, and write the result."""
        from tokwatch.ui.prompt_texts import beside
        from tokwatch.ui.screens.workbench_form import Asked, BenchForm

        field = Asked("path", "file", beside(self.bench.origin.file), is_path=True)
        refused: set[str] = set()
        save = partial(self._save, refused)
        self.app.push_screen(BenchForm("save the result", [field], save))

    def _save(self, refused: set[str], given: dict[str, str]) -> None:
        from tokwatch.ui.prompt_texts import write

        if (sums := self.shown.sums) is None:
            raise TokwatchError("There is no result yet.")
        name = given["path"]
        is_again = name in refused
        refused.add(name)
        file = write(name, sums.text, replaces=is_again)
        self.notify(f"Saved: {file}", markup=False)
        self.note_run()

    def action_ledger(self) -> None:
        """List what is gone."""
        from tokwatch.ui.screens.panel import Panel

        self.app.push_screen(Panel(LedgerFacts(self.shown)))

    def note_run(self) -> None:
        """Leave a record of the run, without text, unless that is switched off."""
        from tokwatch.ui.workbench_library import noted

        self._in_thread(partial(noted, self.tokwatch.config, self.shown,
                                self.tokwatch.clock()), lambda _: None)  # fmt: skip

    def action_templates(self) -> None:
        """Ask for a template."""
        from tokwatch.ui.workbench_library import listed

        self._in_thread(partial(listed, self.tokwatch.config), self._ask_template)

    def _ask_template(self, names: list[str]) -> None:
        from tokwatch.ui.screens.workbench_form import Asked, BenchForm

        if not names:
            self.notify("The library is empty: S saves a prompt as a template.", markup=False)
            return
        field = Asked("name", f"template: {', '.join(names[:20])}", names[0])
        take = BenchForm("open a template", [field], lambda given: self._use(given["name"]))
        self.app.push_screen(take)

    def _use(self, name: str) -> None:
        from tokwatch.ui.workbench_library import used

        text = used(self.tokwatch.config, name, self.tokwatch.clock())
        self.open_text(text, Origin(f"template {name.strip()}"))

    def action_save_template(self) -> None:
        """Ask for a name, and keep prompt and result."""
        from tokwatch.ui.screens.workbench_form import Asked, BenchForm

        if self.shown.sums is None:
            self.notify("There is no result yet.", markup=False)
            return
        name = self.bench.origin.name.removeprefix("template ").split(".")[0]
        fields = [Asked("name", "name", name), Asked("tags", "tags, a comma between them")]
        self.app.push_screen(BenchForm("save as template", fields, self._keep_template))

    def _keep_template(self, given: dict[str, str]) -> None:
        from tokwatch.ui.workbench_library import kept

        told = kept(self.tokwatch.config, given["name"], given["tags"], self.shown,
                    self.tokwatch.clock())  # fmt: skip
        self.notify(told, markup=False)
        self.note_run()

    def action_models(self) -> None:
        """Show the models that fit."""
        from tokwatch.ui.screens.workbench_models import ModelsPanel

        def pick(model: str | None) -> None:
            if model:
                self.to(replace(self.bench, model=model))

        self.app.push_screen(ModelsPanel(self.shown), pick)

    def _in_thread(
        self, work: Callable[[], object], done: Callable[..., None], group: str = "bench"
    ) -> None:
        """Do what may wait in a thread; what is wrong is told."""

        def run() -> None:
            try:
                found = work()
            except TokwatchError as error:
                self.app.call_from_thread(self._tell_error, error)
            except Exception as error:  # a worker's top: told
                told = TokwatchError(f"It failed: {type(error).__name__}.")
                self.app.call_from_thread(self._tell_error, told)
            else:
                self.app.call_from_thread(done, found)

        self.run_worker(run, group=group, thread=True)

    def _tell_error(self, error: TokwatchError) -> None:
        told = " ".join(part for part in (error.message, error.hint) if part)
        self.notify(told, severity="error", markup=False)

    def action_back(self) -> None:
        """Leave editing before anything else."""
        if self.has_class("-editing"):
            self._leave_edit()
        else:
            super().action_back()

    def leave(self) -> None:
        """Go where the user came from."""
        self.app.switch_mode(self._came_from)
        self._came_from = "overview"

    def commands(self) -> Iterator[Command]:
        """Yield the levels, by name."""
        for level in LEVELS:
            go = partial(self._set_level, level)
            yield f"Level {level}", f"Compress the prompt {level}", go

    def _set_level(self, level: Level) -> None:
        self.to(replace(self.bench, level=level, chosen=()))


def _file_text(file: Path) -> GivenText:
    from tokwatch.given_text import given_text

    return given_text(str(file))


def _logged_text(found: LoggedPage) -> str:
    """Read a text from its log."""
    from tokwatch.sources import source_named
    from tokwatch.workbench.logged import block_text, context_text

    source = source_named(found.source)
    if found.chars is None:
        return context_text(found.path, found.offsets, source)
    return block_text(found.path, found.offsets[0], found.chars, source)


def _number(text: str, name: str) -> int:
    if not text.strip().isdecimal():
        raise TokwatchError(f"{name}: {text} is no number.")
    return int(text)
