"""Handing over from the workbench: copies, files, templates; and what a model writes for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

from msgspec.structs import replace
from textual.binding import Binding, BindingType

from tokwatch.compress.nouns import Shape
from tokwatch.errors import TokwatchError
from tokwatch.model.template import Failure
from tokwatch.ui.screens.workbench_tuning import BenchTuning
from tokwatch.ui.terminal import copy
from tokwatch.workbench.asking import (
    Asking,
    Came,
    Wanted,
    percent_of,
    wanted_rewriting,
    wanted_summary,
)
from tokwatch.workbench.shown import Warmth


class BenchHanding(BenchTuning):
    """Takes the result out of the workbench, and a model's help into it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "summarise", "Summary", show=False, id="bench.summarise",
                tooltip="A model's summary in place of the messages that leave a chat"),
        Binding("R", "rewrite", "Rewrite", show=False, id="bench.rewrite",
                tooltip="Let a model rewrite the text, of a chat the message that is looked at"),
        Binding("O", "originals", "Originals", show=False, id="bench.originals",
                tooltip="Open what the summary replaced"),
        Binding("y", "copy", "Copy", id="bench.copy", tooltip="Copy the result"),
        Binding("ctrl+s", "save", "Save", id="bench.save", tooltip="Save the result to a file"),
        Binding("m", "models", "Models", show=False, id="bench.models",
                tooltip="The models that fit, with prices; enter picks one"),
        Binding("S", "save_template", "As template", show=False, id="bench.save-template",
                tooltip="Save prompt and result as a template, in a version of its own"),
    ]  # fmt: skip

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

        sums = self.shown.sums
        is_chat = sums is not None and sums.shape is not Shape.PLAIN
        name = self.bench.origin.file or ("chat.json" if is_chat else "")
        field = Asked("path", "file", beside(name), is_path=True)
        save = partial(self._save, set())
        self.app.push_screen(BenchForm("save the result", [field], save, done=self._saved))

    def _save(self, refused: set[str], given: dict[str, str]) -> Path:
        from tokwatch.ui.prompt_texts import write

        if (sums := self.shown.sums) is None:
            raise TokwatchError("There is no result yet.")
        name = given["path"]
        is_again = name in refused
        refused.add(name)
        return write(name, sums.text, replaces=is_again)

    def _saved(self, file: Path) -> None:
        self.notify(f"Saved: {file}", markup=False)
        self.note_run()

    def note_run(self, came: Came | None = None, *, is_error: bool = False) -> None:
        """Leave a record of the run, without text, unless that is switched off.

        `came`, `is_error`: of a model's help that came to nothing.
        """
        from tokwatch.workbench.library import noted

        failure = Failure.ERROR if is_error else came.failure if came is not None else None
        nano = came.cost.nano if came is not None else None
        config, now = self.tokwatch.config, self.tokwatch.clock()
        work = partial(noted, config, self.shown, now, failure, nano)
        self.in_thread(work, lambda _: None)

    # Templates

    def action_save_template(self) -> None:
        """Ask for a name, tags and when the terse wording is taken, and keep both wordings."""
        from tokwatch.ui.screens.workbench_form import Asked, BenchForm

        if self.shown.sums is None:
            self.notify("There is no result yet.", markup=False)
            return
        origin = self.bench.origin
        name = origin.template or origin.name.split(".")[0]
        fields = [
            Asked("name", "name; a template that is there gets a version more", name),
            Asked("tags", "tags, a comma between them", ", ".join(origin.tags)),
            Asked("terse", "tokens of context from which on the short wording is taken",
                  str(origin.terse_from)),
        ]  # fmt: skip
        form = BenchForm("save as template", fields, self._keep, done=self._kept)
        self.app.push_screen(form)

    def _keep(self, given: dict[str, str]) -> str:
        from tokwatch.workbench.library import kept, saving_of

        asked = saving_of(given["name"], given["tags"], given["terse"])
        return kept(self.tokwatch.config, asked, self.shown, self.tokwatch.clock())

    def _kept(self, told: str) -> None:
        self.notify(told, markup=False)
        self.note_run()

    # Models

    def action_models(self) -> None:
        """Show the models that fit."""
        from tokwatch.ui.screens.workbench_models import ModelsPanel

        def pick(model: str | None) -> None:
            if model:
                self.to(replace(self.bench, model=model))

        self.app.push_screen(ModelsPanel(self.shown), pick)

    def action_summarise(self) -> None:
        """Ask a model for a summary of the messages that leave."""
        sums = self.shown.sums
        if sums is not None and sums.shape is Shape.PLAIN:
            self.notify("A summary is for chats; R lets a model rewrite this.", markup=False)
            return
        known = dict(self.shown.page.calibrations)
        config, bench, now_ms = self.tokwatch.config, self.bench, self._now_ms
        self._ask(lambda percent: wanted_summary(bench, config, known, now_ms), 0)

    def action_rewrite(self) -> None:
        """Ask a model to rewrite the text."""
        sums, change = self.shown.sums, self.shown.change
        part = None if change is None else change.part
        known = dict(self.shown.page.calibrations)
        config, bench, now_ms = self.tokwatch.config, self.bench, self._now_ms
        percent = percent_of(bench.target, sums.before if sums is not None else 0)
        self._ask(
            lambda share: wanted_rewriting(bench, config, known, part, share, now_ms), percent
        )

    def _ask(self, plan: Callable[[int], Wanted], percent: int) -> None:
        from tokwatch.ui.screens.workbench_asking import AskingPanel

        config = self.tokwatch.config
        begin = partial(Asking, config=config)
        panel = AskingPanel(plan, begin, self._came, percent, self._worth)
        self.app.push_screen(panel)

    def _worth(self, wanted: Wanted) -> Warmth | None:
        """Return what it would do to the cache of the session that the text is from."""
        return self.shown.cut(wanted.removed, wanted.behind, wanted.planned.cost.nano or 0)

    def _came(self, came: Came | None, wanted: Wanted) -> None:
        """Take what a model wrote, or note that nothing came of it."""
        if came is None:
            self.note_run(is_error=True)
        elif came.bench is None:
            self.note_run(came)
        elif self.bench.text == wanted.bench.text:
            self.to(came.bench)

    def action_originals(self) -> None:
        """Open what the summary replaced."""
        from tokwatch.ui.screens.panel import Panel
        from tokwatch.ui.widgets.workbench_asking import ReplacedTexts

        if self.bench.summary is None:
            self.notify("There is no summary: s asks a model for one.", markup=False)
        else:
            self.app.push_screen(Panel(ReplacedTexts(self.shown)))

    @property
    def _now_ms(self) -> int:
        return round(self.tokwatch.clock().timestamp() * 1000)
