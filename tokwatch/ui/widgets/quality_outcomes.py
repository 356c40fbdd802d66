"""How requests, turns and sessions ended, as shares."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from tokwatch.analysis.outcomes import Ratio
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.quality import QualityPage
from tokwatch.ui import quality_words as words
from tokwatch.ui.glyphs import spark
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.quality_words import Trio
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell
from tokwatch.words import counted

Row = Trio[Ratio]


def rows_of_page(content: QualityPage) -> tuple[Row, ...]:
    """Return the ratios; where an instant is marked, before and after it too."""
    if content.before is None or content.after is None:
        return tuple(Trio(one) for one in content.whole.ratios)
    sides = zip(content.whole.ratios, content.before.ratios, content.after.ratios, strict=True)
    return tuple(Trio(*one) for one in sides)


def _name(row: Row, width: int, inks: Inks) -> Line:
    return text_cell(row.whole.aim.name, width, inks.text)


def _side(side: str, row: Row, width: int, inks: Inks) -> Line:
    of: Ratio = getattr(row, side)
    ink = inks.muted if of.value is None else inks.strong
    return text_cell(words.ratio_value(of), width, ink, right=True)


def _basis(row: Row, width: int, inks: Inks) -> Line:
    told = words.ratio_basis(row.whole)
    if len(told) > width:
        told = told.removesuffix(f" {row.whole.aim.what}")
    return text_cell(told, width, inks.muted)


def _difference(row: Row, width: int, inks: Inks) -> Line:
    if row.before is None or row.after is None:
        return text_cell("", width, inks.muted)
    good = row.whole.aim.is_good
    better = None
    if good is not None:
        better = words.is_better(row.before.value, row.after.value, more_is_better=good)
    ink = inks.text if better is None else inks.good if better else inks.warning
    return text_cell(words.ratio_difference(row.before, row.after), width, ink, right=True)


def _trend(row: Row, width: int, inks: Inks) -> Line:
    top = None if row.whole.aim.is_money else 1.0 if row.whole.aim.is_good else None
    return [(spark(row.whole.trend, width, top), inks.trend)]


class QualityOutcomes(Table[QualityPage, Row]):
    """A line for each share."""

    TITLE = "outcomes"
    KIND = QualityPage
    HELP = """
    # Outcomes
    What share of attempts was answered, how many were refused by a limit or tried again, how
    many turns and sessions were finished, how many sessions outgrew their window, and what a
    million tokens cost. `enter` shows the definition and who tells it.
    """

    def columns(self) -> Sequence[TableColumn[Row]]:
        """Return the columns, from left to right."""
        if self.content is not None and self.content.mark_ms is not None:
            return _COMPARING
        return _PLAIN

    def rows_of(self, content: QualityPage) -> Sequence[Row]:
        """Return the ratios."""
        return rows_of_page(content)

    def key_of(self, row: Row) -> str:
        """Return the ratio's name."""
        return row.whole.aim.name

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how many sessions' conversations were read."""
        line: Line = [(self.TITLE, inks.text)]
        if self.content is not None:
            whole = self.content.whole
            told = f" · {whole.read:,} of {counted(whole.sessions, 'session')} read"
            line.append((told, inks.muted if whole.read == whole.sessions else inks.warning))
        return line

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say who tells errors and turns."""
        page = self.content
        told = (
            "Errors, turns and compactions are told by the conversations of Claude Code and Codex "
            "CLI; statuses and retries by gateways and some tools. "
            "What no log tells is left out of both sides of a share, never counted as success.",
        )
        if page is None:
            return told
        every = counted(page.whole.sessions, "session")
        read = f"Read: {page.whole.read:,} of {every} of the range; "
        return (*told, f"{read}conversations are read for recent sessions, newest first.")


_PLAIN: Final[tuple[TableColumn[Row], ...]] = (
    TableColumn("outcome", 12, _name, most=19),
    TableColumn("value", 7, partial(_side, "whole"), right=True),
    TableColumn("of", 12, _basis, rank=2, most=26),
    TableColumn("trend", 6, _trend, rank=1, most=30),
)
_COMPARING: Final[tuple[TableColumn[Row], ...]] = (
    TableColumn("outcome", 10, _name, most=19),
    TableColumn("before", 7, partial(_side, "before"), right=True, most=10),
    TableColumn("after", 7, partial(_side, "after"), right=True, most=10),
    TableColumn("Δ", 8, _difference, right=True, most=12),
)
