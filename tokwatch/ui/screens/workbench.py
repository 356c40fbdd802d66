"""The workbench: a prompt, the stages that shorten it, what that saves, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from tokwatch.compress.levels import Level
from tokwatch.errors import TokwatchError
from tokwatch.ui.screens.workbench_opening import BenchOpening
from tokwatch.ui.terminal import copy
from tokwatch.ui.widgets.table import Table
from tokwatch.ui.widgets.workbench_diff import BenchDiff
from tokwatch.ui.widgets.workbench_edit import BenchEdit
from tokwatch.ui.widgets.workbench_risk import BenchRisk, LedgerFacts
from tokwatch.ui.widgets.workbench_stages import BenchStages
from tokwatch.ui.widgets.workbench_tokens import BenchTokens
from tokwatch.workbench.state import target_of, whole
from tokwatch.workbench.work import StageSum

if TYPE_CHECKING:
    from tokwatch.ui.palette import Command

LEVELS = tuple(Level)


class WorkbenchScreen(BenchOpening):
    """Compresses, shows, saves."""

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
        Binding("S", "save_template", "As template", show=False, id="bench.save-template",
                tooltip="Save prompt and result as a template"),
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
        if action in ("change", "refuse", "level", "copy", "save", "unify", "keep"):
            return bool(self.bench.text)
        return super().check_action(action, parameters)

    # Changing

    def action_change(self, steps: int) -> None:
        """Look at the next change, or the one before."""
        self.choose(self.shown.chosen + steps)

    def action_refuse(self) -> None:
        """Reject or accept the change, or all changes of the stage that has the focus."""
        stages = self.query_one(BenchStages)
        if self.focused is stages and stages.row is not None:
            if stages.row.edits:
                self.to(self.bench.refused(frozenset({whole(stages.row.name)})))
            else:
                self.notify(f"{stages.row.name} changed nothing.", markup=False)
        elif (change := self.shown.change) is None:
            self.notify("Nothing is changed.", markup=False)
        elif whole(change.stage) in self.bench.rejected:
            self.to(self.bench.refused(frozenset({whole(change.stage)})))
        else:
            self.to(self.bench.refused(frozenset({change.toggle})))

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
        stages = self.query_one(BenchStages)
        if (row := stages.row) is not None:
            stages.select(row.name)
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
        from tokwatch.workbench.library import noted

        self.in_thread(partial(noted, self.tokwatch.config, self.shown,
                                self.tokwatch.clock()), lambda _: None)  # fmt: skip

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
        from tokwatch.workbench.library import kept

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

    def commands(self) -> Iterator[Command]:
        """Yield the levels, by name."""
        for level in LEVELS:
            go = partial(self._set_level, level)
            yield f"Level {level}", f"Compress the prompt {level}", go

    def _set_level(self, level: Level) -> None:
        self.to(replace(self.bench, level=level, chosen=()))


def _number(text: str, name: str) -> int:
    if not text.strip().isdecimal():
        raise TokwatchError(f"{name}: {text} is no number.")
    return int(text)
