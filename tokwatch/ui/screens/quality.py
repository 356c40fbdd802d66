"""Performance and quality: how long, how fast, how dear, how often it failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from tokwatch.analysis.measured import Measured
from tokwatch.analysis.outcomes import Ratio
from tokwatch.analysis.quality import By, Group, Narrow
from tokwatch.pages.quality import QualityAsk, QualityPage
from tokwatch.ui import format as fmt
from tokwatch.ui.quality_lines import (
    Entry,
    Look,
    error_entries,
    measure_entries,
    ratio_entries,
)
from tokwatch.ui.quality_subject import Subject
from tokwatch.ui.quality_words import Trio
from tokwatch.ui.screens.growing import GrowingScreen
from tokwatch.ui.screens.panel import Panel
from tokwatch.ui.widgets.panes import Panes
from tokwatch.ui.widgets.quality_course import QualityCourse
from tokwatch.ui.widgets.quality_errors import QualityErrors
from tokwatch.ui.widgets.quality_facts import QualityFacts
from tokwatch.ui.widgets.quality_groups import QualityGroups
from tokwatch.ui.widgets.quality_histogram import QualityHistogram
from tokwatch.ui.widgets.quality_measures import QualityMeasures, rows_of_page
from tokwatch.ui.widgets.quality_outcomes import QualityOutcomes
from tokwatch.ui.widgets.quality_outcomes import rows_of_page as ratio_rows
from tokwatch.ui.widgets.table import Table

CHOICES: Final = tuple(By)


class QualityScreen(GrowingScreen):
    """Outcomes, groups, measures, and the selected one of them over time."""

    CSS_PATH = "quality.tcss"
    PLACE = "quality"
    AUTO_FOCUS = "QualityMeasures"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 -- typed by Screen
        (0, "-narrow"),
        (76, "-roomy"),
        (110, "-wide"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Mark", id="moment.mark",
                tooltip="Compare before and after the instant under the cursor"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.ask = QualityAsk()

    def panes(self) -> ComposeResult:
        """Yield the panes from top to bottom."""
        with Panes(id="quality"):
            with Horizontal(id="quality-outcomes"):
                yield QualityOutcomes(id="outcomes")
                yield QualityGroups(id="groups")
            yield QualityMeasures(id="measures")
            with Horizontal(id="quality-shape"):
                yield QualityCourse(id="quality-course")
                yield QualityHistogram(id="quality-histogram")
                yield QualityErrors(id="quality-errors")

    @property
    def page(self) -> QualityPage | None:
        """The newest answer."""
        return self.query_one(QualityMeasures).content

    @property
    def _asked(self) -> QualityAsk:
        assert isinstance(self.ask, QualityAsk)
        return self.ask

    @on(Table.Moved)
    @on(events.DescendantFocus)
    def _follow(self) -> None:
        """Draw what is selected in the table that has the focus."""
        table = self.focused
        if isinstance(table, QualityMeasures) and table.row is not None:
            of = table.row.whole.definition
            self._draw(Subject(of.name, of.custom_unit))
        elif isinstance(table, QualityOutcomes) and table.row is not None:
            self._draw(Subject(table.row.whole.aim.name, is_ratio=True))

    def _draw(self, subject: Subject) -> None:
        self.query_one(QualityCourse).show(subject)
        self.query_one(QualityHistogram).show(subject)

    @on(Table.Opened)
    def _open(self, event: Table.Opened) -> None:
        row = event.row
        if isinstance(row, Group) and self.page is not None:
            by = self.page.by
            self._ask(trail=(*self._asked.trail, Narrow(by, row.name)))
        elif isinstance(row, Trio):
            self._open_facts(row)

    @on(QualityCourse.Opened)
    def _open_subject(self) -> None:
        """Open what the chart shows."""
        page, subject = self.page, self.query_one(QualityCourse).subject
        if page is None:
            return
        rows: list[Trio[Any]] = [*rows_of_page(page), *ratio_rows(page)]
        for row in rows:
            of = row.whole
            name = of.aim.name if isinstance(of, Ratio) else of.definition.name
            if name == subject.name and isinstance(of, Ratio) is subject.is_ratio:
                self._open_facts(row)

    def _open_facts(self, row: Trio[Any]) -> None:  # of any of the three tables
        """Show all of a line."""
        of = row.whole
        entries: Callable[[Look], Iterable[Entry]]
        if isinstance(of, Measured):
            name, entries = of.definition.name, partial(measure_entries, row)
        elif isinstance(of, Ratio):
            kinds = self.page.whole.errors if self.page else ()
            name, entries = of.aim.name, partial(ratio_entries, row, kinds)
        else:
            name, entries = of.trouble, partial(error_entries, of)
        self.app.push_screen(QualityPanel(fmt.clean(name), entries))

    def _ask(self, **changes: object) -> None:
        """Ask something else about the same range."""
        self.look(replace(self._asked, **changes))  # type: ignore[arg-type]  # fields by name
        self.refresh_bindings()

    def action_group(self, steps: int) -> None:
        """Group by another dimension."""
        here = CHOICES.index(self._asked.by)
        self._ask(by=CHOICES[(here + steps) % len(CHOICES)])

    def action_mark(self) -> None:
        """Mark the instant under the cursor, or take the mark away."""
        cursor_ms = self.query_one(QualityCourse).cursor_ms
        if cursor_ms is None or cursor_ms == self._asked.mark_ms:
            if self._asked.mark_ms is None:
                told = "Choose an instant with ← and → in the chart over time first."
                self.notify(told, markup=False)
            self._ask(mark_ms=None)
        else:
            self._ask(mark_ms=cursor_ms)

    def leave(self) -> None:
        """Take the mark away, widen again, then go where the user came from."""
        if self._asked.mark_ms is not None:
            self._ask(mark_ms=None)
        elif self._asked.trail:
            self._ask(trail=self._asked.trail[:-1])
        else:
            super().leave()


class QualityPanel(Panel):
    """All of one line; from it to a session."""

    def __init__(self, name: str, entries: Callable[[Look], Iterable[Entry]]) -> None:
        super().__init__(QualityFacts(name, entries))

    @on(QualityFacts.Opened)
    def _go(self, event: QualityFacts.Opened) -> None:
        from tokwatch.ui.screens.session import open_session

        self.dismiss(None)
        self.app.call_later(partial(open_session, self.app, *event.of))
