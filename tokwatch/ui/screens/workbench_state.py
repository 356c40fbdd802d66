"""The workbench's state on the screen: asks its worker, takes the answers, hands them to panes."""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

from msgspec.structs import replace
from textual import on
from textual.message import Message
from textual.timer import Timer

from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.workbench import WorkbenchAsk, WorkbenchPage
from tokwatch.tokens.estimate import by_characters
from tokwatch.ui.screens.paged import PageScreen
from tokwatch.ui.widgets.workbench_diff import BenchDiff
from tokwatch.ui.widgets.workbench_risk import BenchRisk
from tokwatch.ui.widgets.workbench_stages import BenchStages
from tokwatch.ui.widgets.workbench_tokens import BenchTokens
from tokwatch.workbench.answers import Answer, ChangeTold, Lines, Problem, Question, Sums, Tally
from tokwatch.workbench.process import OwnProcess
from tokwatch.workbench.shown import Shown
from tokwatch.workbench.state import Bench, Course

if TYPE_CHECKING:
    from tokwatch.config import Config

DEBOUNCE_S: Final = 0.15
"""After the last change, before anything is worked out."""
SPLIT_FROM: Final = 100
"""Columns from which on both sides fit."""


class Works(Protocol):
    """Works out what comes of a state, in a thread or a process of its own."""

    def ask(self, question: Question) -> None:
        """Work out this instead of what was asked before; never waits."""

    def stop(self) -> None:
        """End it."""


MakeWorks = Callable[["Config", Callable[[Answer], None]], Works]


class BenchState(PageScreen):
    """Holds the course of states; every pane draws the newest answer."""

    make_works: ClassVar[MakeWorks] = OwnProcess

    class Told(Message):
        """A piece of an answer."""

        def __init__(self, answer: Answer) -> None:
            super().__init__()
            self.answer = answer

    def __init__(self) -> None:
        super().__init__()
        self.asked = WorkbenchAsk()
        self.ask = self.asked
        self.course = Course()
        self.shown = Shown()
        self.is_unified = False
        """Whether the user wants both sides one beneath the other."""
        self._works: Works | None = None
        self._config: Config | None = None
        """With which they work."""
        self._number = 0
        self._timer: Timer | None = None
        self._looked_at: ChangeTold | None = None

    def on_mount(self) -> None:
        self._set_up()
        self.spread()

    def _set_up(self) -> None:
        """Take the settings as they are; who works by older ones is ended."""
        from tokwatch.workbench.tuning import lacking_lingua

        if self._config is not self.tokwatch.config:
            self._config = self.tokwatch.config
            self.query_one(BenchStages).lacking = lacking_lingua(self._config)
            if self._works is not None:
                self._works.stop()
                self._works = None

    def on_unmount(self) -> None:
        if self._works is not None:
            self._works.stop()

    @property
    def bench(self) -> Bench:
        """The state of the moment."""
        return self.course.now

    @property
    def is_split(self) -> bool:
        """Whether the picture has two sides."""
        is_wide = self.size.width >= SPLIT_FROM and not self.has_class("-editing")
        return is_wide and not self.is_unified

    def _take(self, snapshot: Snapshot | None) -> None:
        """Take what the store knows; the model most called is the first one chosen."""
        super()._take(snapshot)
        page = snapshot.page if snapshot else None
        if page is None or not isinstance(page.content, WorkbenchPage):
            return
        found = page.content
        is_other = found.calibrations != self.shown.page.calibrations
        self.shown = replace(self.shown, page=found)
        if not self.bench.model and found.models and not self.course.past:
            self.course = Course(replace(self.bench, model=found.models[0].model))
            is_other = True
        if is_other and self.bench.text:
            self.ask_worker()
        self.spread()

    def to(self, bench: Bench) -> None:
        """Go on to another state, and let what comes of it be worked out."""
        if bench == self.bench:
            return
        self.go(self.course.to(bench))

    def go(self, course: Course) -> None:
        """Show another state of a course."""
        before, self.course = self.bench, course
        bench = course.now
        counted = self.shown.counted
        if bench.text != before.text:
            counted = by_characters(bench.text, self.tokwatch.config.tokens.chars_per_token)
        if (bench.model, bench.origin.project) != (before.model, before.origin.project):
            self.asked = dataclasses.replace(
                self.asked, model=bench.model, project=bench.origin.project
            )
            self.look(self.asked)
        if not bench.text:
            self.shown = Shown(bench, page=self.shown.page, is_split=self.is_split)
            self.spread()
            return
        if bench.origin != before.origin:
            self.shown = Shown(page=self.shown.page, is_split=self.is_split)
        self.shown = replace(self.shown, bench=bench, counted=counted, problem="")
        self.ask_worker()
        self.spread()

    def ask_worker(self, after_s: float = 0.0) -> None:
        """Let the newest state be worked out, a moment after the last of quick changes."""
        if self._timer is not None:
            self._timer.stop()
        self.shown = replace(self.shown, is_working=True)
        if after_s:
            self._timer = self.set_timer(after_s, self._ask_now)
        else:
            self._ask_now()

    def _ask_now(self) -> None:
        self._timer = None
        if not self.bench.text:
            return
        self._set_up()
        if self._works is None:
            self._works = type(self).make_works(self.tokwatch.config, self._tell)
        self._number += 1
        width = self.query_one(BenchDiff).room
        looked_at = self._looked_at.key if self._looked_at is not None else None
        known = dict(self.shown.page.calibrations)
        self._works.ask(Question(self._number, self.bench, width, self.is_split, known, looked_at))

    def _tell(self, answer: Answer) -> None:
        """Hand a piece of an answer to the screen; called in a thread."""
        self.post_message(self.Told(answer))

    @on(Told)
    def _told(self, event: Told) -> None:
        answer = event.answer
        if answer.number != self._number:
            return
        match answer:
            case Tally():
                self.shown = replace(self.shown, counted=answer.counted)
            case Sums():
                self.shown = replace(
                    self.shown, bench=self.bench, sums=answer, counted=answer.counted,
                    is_working=answer.losses is None,
                )  # fmt: skip
            case Lines():
                self._picture(answer)
            case Problem():
                told = f"{answer.message} {answer.hint}".strip()
                self.shown = Shown(self.bench, page=self.shown.page, problem=told,
                                   is_split=self.is_split)  # fmt: skip
        self.spread()

    def _picture(self, found: Lines) -> None:
        """Show other lines; the change that is looked at stays the one."""
        chosen = found.chosen
        if chosen is None:
            chosen = max(0, min(self.shown.chosen, len(found.changes) - 1))
        self.shown = replace(
            self.shown,
            lines=found.lines,
            changes=found.changes,
            chosen=chosen,
            is_split=self.is_split,
        )

    def spread(self) -> None:
        """Hand the picture to the panes."""
        self.shown = replace(self.shown, bench=self.bench)
        self.set_class(self.shown.is_empty, "-blank")
        self.query_one(BenchTokens).put(self.shown)
        self.query_one(BenchDiff).put(self.shown)
        self.query_one(BenchRisk).put(self.shown)
        self.query_one(BenchStages).put(self.shown)

    def choose(self, number: int) -> None:
        """Look at a change."""
        if self.shown.changes:
            number %= len(self.shown.changes)
            self._looked_at = self.shown.changes[number]
            self.shown = replace(self.shown, chosen=number)
            self.spread()
            self.query_one(BenchDiff).show_line(self._looked_at.line)

    @on(BenchDiff.Fitted)
    def _fit(self) -> None:
        """Lay the lines out for another width."""
        if self.bench.text:
            self.ask_worker(DEBOUNCE_S)

    @on(BenchDiff.Asked)
    def _look_here(self, event: BenchDiff.Asked) -> None:
        after = bisect_right(self.shown.changes, event.line, key=lambda one: one.line)
        if after:
            self.choose(after - 1)
