"""The stages of the workbench: on or off, in their order, and what each saves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.geometry import Size

from tokwatch.compress.nouns import Risk
from tokwatch.compress.stages import BY_NAME
from tokwatch.model.snapshot import Snapshot
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell
from tokwatch.workbench.shown import Shown
from tokwatch.workbench.tuning import LINGUA, set_of
from tokwatch.workbench.worked import StageSum

_LACKING: Final = "lacking"
RISKS: Final = {Risk.NONE: "", Risk.LOW: "low", Risk.MEDIUM: "med", Risk.HIGH: "high"}


def _name(row: StageSum, width: int, inks: Inks) -> Line:
    mark = "[-] " if row.note == _LACKING else "[x] " if row.is_on else "[ ] "
    return text_cell(mark + row.name, width, inks.text if row.is_on else inks.muted)


def _saved(row: StageSum, width: int, inks: Inks) -> Line:
    if row.note == _LACKING:
        return text_cell("no model", width, inks.muted, right=True)
    if row.saved:
        return text_cell(f"-{row.saved:,}", width, inks.good, right=True)
    if row.would:
        return text_cell(f"(-{row.would:,})", width, inks.muted, right=True)
    return text_cell("·" if row.is_run else "", width, inks.muted, right=True)


def _edits(row: StageSum, width: int, inks: Inks) -> Line:
    told = f"{row.edits - row.rejected:,}" if row.edits else ""
    return text_cell(told, width, inks.warning if row.rejected else inks.muted, right=True)


def _risk(row: StageSum, width: int, inks: Inks) -> Line:
    ink = {Risk.HIGH: inks.error, Risk.MEDIUM: inks.warning}.get(row.risk, inks.muted)
    return text_cell(RISKS[row.risk], width, ink if row.is_on else inks.muted)


class BenchStages(Table[Shown, StageSum]):
    """A line for each stage; the order in which they run is that of the list."""

    TITLE = "stages"
    KIND = Shown
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "screen.switch", "On/off", id="bench.switch",
                tooltip="Switch the stage on or off"),
        Binding("J", "screen.shift(1)", "Later", show=False, id="bench.later",
                tooltip="Let the stage run later"),
        Binding("K", "screen.shift(-1)", "Earlier", show=False, id="bench.earlier",
                tooltip="Let the stage run earlier"),
    ]  # fmt: skip
    HELP = """
    # Stages
    Each makes changes of its own, in this order, until the target is met; a stage that does not
    save tokens for this model is undone. `-212` is what it saved here, `(-88)` what it would save
    if it ran last, `·` that it found nothing. *risk* is what it may cost the reader.

    * `space` on or off, `J` `K` later or earlier, `x` rejects all its changes, `enter` goes to
      its first one
    * `d` tunes the stage under the cursor: how many examples or results stay, which language
    * `l` the next level: it puts the stages back as that level has them; `W` the next way to hand
      over a long prompt
    * what leaves a chat and what a model wrote stands above the stages; `space` takes it back
    """
    lacking = ""
    """Why the stage with a model of the user's cannot run."""

    def put(self, shown: Shown) -> None:
        """Show another state."""
        self._content = shown
        self.taken()
        self.redraw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the order to the user."""
        return action not in ("sort", "turn")

    def columns(self) -> Sequence[TableColumn[StageSum]]:
        """Return the columns, from left to right."""
        return (
            TableColumn("stage", 19, _name, most=24),
            TableColumn("saves", 8, _saved, right=True),
            TableColumn("risk", 4, _risk, rank=1),
            TableColumn("edits", 6, _edits, rank=2, right=True),
        )

    def rows_of(self, content: Shown) -> Sequence[StageSum]:
        """Return the stages in their order: as they were worked out, else as they are to be."""
        known = {one.name: one for one in content.sums.stages} if content.sums else {}
        found = []
        for choice in content.bench.stages:
            one = known.get(choice.name)
            if one is None:
                risk = BY_NAME[choice.name].risk
                one = StageSum(choice.name, choice.is_on, risk, 0, 0, 0, is_run=False)
            found.append(one._replace(is_on=choice.is_on))
        stages = {one.name for one in content.bench.stages}
        others = [one for one in known.values() if one.name not in stages]
        return [*others, *map(self._able, found)]

    def _able(self, row: StageSum) -> StageSum:
        is_lacking = row.name == LINGUA and bool(self.lacking)
        return row._replace(note=_LACKING, is_on=False) if is_lacking else row

    def key_of(self, row: StageSum) -> str:
        """Return the stage's name."""
        return row.name

    def page(self, content: Shown, size: Size, inks: Inks) -> list[Line]:
        """Return the list; where there is a line only, the stage under the cursor."""
        if size.height > 1 or self.row is None:
            return super().page(content, size, inks)
        width = max(10, size.width - 20)
        row, place = self.row, f"{self.viewport.index + 1} of {len(self.rows)} "
        return [[("▌", inks.accent), *_name(row, width - 10, inks), *_saved(row, 10, inks),
                 (f"  {place:>10} ↑↓", inks.muted)]]  # fmt: skip

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the level."""
        bench = self._content.bench if self._content else None
        if bench is None:
            return [("stages", inks.text)]
        level = bench.way or ("your own" if bench.chosen else str(bench.level))
        return [("stages", inks.text), (f" · {level}", inks.muted)]

    def foot(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return what the stage under the cursor does, how it is set, or what it lacks."""
        if self.row is None or self._content is None:
            return []
        if self.row.note == _LACKING:
            return [(self.lacking, inks.warning)]
        told = set_of(self._content.bench, self.row.name)
        if told:
            return [(f"set to {told} · d tunes", inks.muted)]
        stage = BY_NAME.get(self.row.name)
        return [(stage.about if stage is not None else "space takes it back", inks.muted)]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where the numbers come from."""
        return (
            "Tokens of the model, counted on this machine before and after each stage, in the "
            "order of the list. Rejected changes are taken off. A number in brackets was tried on "
            "the result, beyond 20,000 tokens it is not.",
        )
