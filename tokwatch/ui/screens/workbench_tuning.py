"""Changing how the workbench compresses: level, way, stages, single changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace
from textual import on
from textual.binding import Binding, BindingType

from tokwatch.compress.levels import WAYS, Level
from tokwatch.ui.screens.workbench_aiming import BenchAiming
from tokwatch.ui.widgets.table import Table
from tokwatch.ui.widgets.workbench_stages import BenchStages
from tokwatch.workbench.state import whole
from tokwatch.workbench.tuning import KNOBS, LINGUA, Knob, knobs_of
from tokwatch.workbench.worked import StageSum

if TYPE_CHECKING:
    from tokwatch.ui.palette import Command

LEVELS = tuple(Level)


class BenchTuning(BenchAiming):
    """Sets how the prompt is compressed, and which changes stand."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "refuse", "Reject", id="bench.refuse",
                tooltip="Reject the change, or all of the stage; or accept again"),
        Binding("l", "level", "Level", id="bench.level",
                tooltip="The next level: light, balanced, aggressive"),
        Binding("d", "tune", "Tune", id="bench.tune",
                tooltip="Tune the stage under the cursor"),
        Binding("W", "way", "Way", show=False, id="bench.way",
                tooltip="The next way to hand over a long prompt: direct, focused examples, "
                        "progressive disclosure"),
        Binding("M", "keep", "Keep", show=False, id="bench.keep",
                tooltip="Never touch the words of this change, or let go of them again"),
        Binding("A", "accept_all", "Accept all", show=False, id="bench.accept-all",
                tooltip="Accept every change again"),
    ]  # fmt: skip

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
        stages = self.query_one(BenchStages)
        if (row := stages.row) is None:
            return
        if row.name == LINGUA and stages.lacking and not row.is_on:
            self.notify(f"{LINGUA} cannot run: {stages.lacking}.", severity="warning",
                        markup=False)  # fmt: skip
        else:
            self.to(self.bench.switched(row.name))

    def action_shift(self, places: int) -> None:
        """Let the stage under the cursor run earlier or later."""
        stages = self.query_one(BenchStages)
        if (row := stages.row) is None:
            return
        if row.name not in {one.name for one in self.bench.stages}:
            self.notify(f"{row.name} is no stage: it comes before them all.", markup=False)
            return
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
        self._set_level(LEVELS[(LEVELS.index(self.bench.level) + 1) % len(LEVELS)])

    def _set_level(self, level: Level) -> None:
        self.to(replace(self.bench, level=level, chosen=()))
        self.notify(f"Level: {level}", markup=False)

    def action_way(self) -> None:
        """Go to the next way; after the last one the stages are as the level has them."""
        names = [*WAYS, ""]
        at = names.index(self.bench.way)
        self._set_way(names[(at + 1) % len(names)])

    def _set_way(self, name: str) -> None:
        if name:
            self.to(self.bench.by_way(name))
        else:
            self.to(replace(self.bench, chosen=()))
        told = f"Way: {name}" if name else f"Level: {self.bench.level}"
        self.notify(told, markup=False)

    def action_tune(self) -> None:
        """Ask how the stage under the cursor is set; where nothing of it can be, all of them."""
        from tokwatch.ui.screens.workbench_form import Asked, BenchForm

        row = self.query_one(BenchStages).row
        knobs = knobs_of(row.name) if row is not None else []
        title = f"tune {row.name}" if row is not None and knobs else "tune the stages"
        fields = [
            Asked(one.name, one.label, str(getattr(self.bench, one.name)), options=one.options)
            for one in knobs or KNOBS
        ]
        take = partial(self._tune, knobs or KNOBS)
        self.app.push_screen(BenchForm(title, fields, take))

    def _tune(self, knobs: Sequence[Knob], given: dict[str, str]) -> None:
        taken = {one.name: one.taken(given[one.name]) for one in knobs}
        self.to(self.bench.tuned(taken))

    def commands(self) -> Iterator[Command]:
        """Yield the levels and the ways, by name."""
        for level in LEVELS:
            go = partial(self._set_level, level)
            yield f"Level {level}", f"Compress the prompt {level}", go
        for way in WAYS:
            yield f"Way {way}", f"Hand the prompt over by {way}", partial(self._set_way, way)
