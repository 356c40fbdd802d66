"""What changed between the two stretches: each dimension's contribution to the difference."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from tokwatch.analysis.attribution import Contribution
from tokwatch.model.snapshot import Snapshot
from tokwatch.model.usage import Dimension
from tokwatch.pages.triage import TriagePage
from tokwatch.ui import format as fmt
from tokwatch.ui import triage_names as names
from tokwatch.ui.glyphs import gauge
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell

PERCENT: Final = 5
"""Cells of a share."""


def _dimension(one: Contribution, width: int, inks: Inks) -> Line:
    return text_cell(names.dimension_name(one.dimension), width, inks.muted)


def _value(one: Contribution, width: int, inks: Inks) -> Line:
    return text_cell(names.value_name(one.dimension, one.value), width, inks.text)


def _money(name: str, places: int, one: Contribution, width: int, inks: Inks) -> Line:
    nano: int = getattr(one, name)
    return text_cell(fmt.money(nano, places), width, inks.text, right=True)


def _difference(places: int, one: Contribution, width: int, inks: Inks) -> Line:
    cost, was = names.cents([one.nano], places)[0], names.cents([one.baseline_nano], places)[0]
    ink = inks.strong if cost != was else inks.muted
    return text_cell(names.signed(cost - was, places), width, ink, right=True)


def _share(one: Contribution, width: int, inks: Inks) -> Line:
    told = fmt.fit(names.share_words(one), min(PERCENT, width), right=True)
    room = width - len(told) - 1
    if room < 3:
        return text_cell(told, width, inks.text, right=True)
    full, rest = gauge(one.share or 0.0, room)
    return [(full, inks.trend), (rest, inks.frame), (f" {told}", inks.text)]


class TriageChanges(Table[TriagePage, Contribution]):
    """The largest contribution of each dimension, or all of one."""

    TITLE = "what changed"
    KIND = TriagePage
    HELP = """
    # What changed
    How much each session, project, model ... cost in A and in B, and what share of the whole
    difference it makes. A share above 100 % means that others fell meanwhile.

    * `enter` narrows everything to the line, `escape` widens again
    * `left` `right` list all values of one dimension, or the largest of each
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "dimension(-1)", "Dimension before", show=False, id="triage.before",
                tooltip="The values of the dimension before"),
        Binding("right", "dimension(1)", "Next dimension", show=False, id="triage.next",
                tooltip="The values of the next dimension"),
    ]  # fmt: skip

    dimension: Dimension | None = None
    """The one whose values are listed; None lists the largest of each."""

    def columns(self) -> Sequence[TableColumn[Contribution]]:
        """Return the columns, from left to right."""
        places = 2
        if self.content is not None:
            verdict = self.content.triage.verdict
            places = names.places_of(verdict.nano, verdict.expected_nano)
        return (
            TableColumn("dimension", 9, _dimension, rank=1),
            TableColumn("value", 10, _value, most=20),
            TableColumn("A", 9, partial(_money, "nano", places), rank=2, right=True,
                        order=lambda one: one.nano),
            TableColumn("B", 9, partial(_money, "baseline_nano", places), rank=4, right=True,
                        order=lambda one: one.baseline_nano),
            TableColumn("A - B", 10, partial(_difference, places), right=True,
                        order=lambda one: one.difference_nano),
            TableColumn("of A - B", 8, _share, rank=3, right=True, most=18,
                        order=lambda one: one.share or 0.0),
        )  # fmt: skip

    def rows_of(self, content: TriagePage) -> Sequence[Contribution]:
        """Return the largest of each dimension, or all of the chosen one."""
        if self.dimension is None:
            return content.triage.leading
        return content.triage.of(self.dimension)

    def key_of(self, row: Contribution) -> str:
        """Return dimension and value."""
        return f"{row.dimension}\0{row.value}"

    def why_empty(self, content: TriagePage) -> str:
        """Say why there is no row, and what to do."""
        return "nothing was used in A or B; [ goes back, } widens A"

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return which dimension is listed."""
        if self.dimension is None:
            return [(self.TITLE, inks.text), (" · largest of each", inks.muted)]
        told = f" · by {names.dimension_name(self.dimension)} · {len(self.rows):,}"
        return [(self.TITLE, inks.text), (told, inks.accent)]

    def action_dimension(self, steps: int) -> None:
        """List the values of another dimension, or the largest of each."""
        if self.content is None:
            return
        known = dict.fromkeys(one.dimension for one in self.content.triage.contributions)
        choices: list[Dimension | None] = [None, *known]
        here = choices.index(self.dimension) if self.dimension in choices else 0
        self.dimension = choices[(here + steps) % len(choices)]
        self.taken()
        self.redraw()

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what the shares are of."""
        return (
            "Sums of the roll-ups by quarter of an hour. The contributions of one dimension add "
            "up to the whole difference, to the nano-dollar; B is scaled to the length of A.",
        )
