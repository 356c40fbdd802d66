"""Errors by kind; rate limits and interruptions stand apart."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from tokwatch.analysis.outcomes import INTERRUPTED, RATE_LIMIT, RETRIED, ErrorKind
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.quality import QualityPage
from tokwatch.ui import format as fmt
from tokwatch.ui.glyphs import spark
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.quality_words import Trio
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell

Row = Trio[ErrorKind]
APART: Final = (RATE_LIMIT, INTERRUPTED)
NAMES: Final = {RETRIED: "retried, no kind told"}


def rows_of_page(content: QualityPage) -> tuple[Row, ...]:
    """Return the kinds of errors; where an instant is marked, before and after it too."""
    before, after = (
        {one.trouble: one for one in side.errors} if side else {}
        for side in (content.before, content.after)
    )
    return tuple(
        Trio(one, before.get(one.trouble), after.get(one.trouble)) for one in content.whole.errors
    )


def _name(row: Row, width: int, inks: Inks) -> Line:
    trouble = row.whole.trouble
    if trouble in APART and width >= len(trouble) + 8:
        return [
            (f"{trouble} ", inks.text),
            (fmt.fit("(apart)", width - len(trouble) - 1), inks.muted),
        ]
    return text_cell(NAMES.get(trouble, trouble), width, inks.text)


def _side(side: str, row: Row, width: int, inks: Inks) -> Line:
    of: ErrorKind | None = getattr(row, side)
    number = of.count if of else 0
    is_error = side == "whole" and row.whole.trouble not in APART
    ink = inks.warning if is_error else inks.text
    return text_cell(f"{number:,}" if number else fmt.NOTHING, width, ink, right=True)


def _difference(row: Row, width: int, inks: Inks) -> Line:
    moved = (row.after.count if row.after else 0) - (row.before.count if row.before else 0)
    ink = inks.warning if moved > 0 else inks.good if moved < 0 else inks.text
    return text_cell(f"{moved:+,}" if moved else "±0", width, ink, right=True)


def _ended(row: Row, width: int, inks: Inks) -> Line:
    if row.whole.trouble == RETRIED:
        return text_cell(fmt.NOTHING, width, inks.muted, right=True)
    return text_cell(f"{row.whole.ended:,}", width, inks.text, right=True)


def _trend(row: Row, width: int, inks: Inks) -> Line:
    return [(spark(row.whole.trend, width), inks.trend)]


class QualityErrors(Table[QualityPage, Row]):
    """A line for each kind."""

    TITLE = "errors"
    KIND = QualityPage
    HELP = """
    # Errors by kind
    How often attempts failed, by what logs say of it; *last* counts those that no other attempt
    followed. Rate limits and interruptions stand apart: they are no failures of an answer.
    `enter` lists the newest of a kind.
    """

    def columns(self) -> Sequence[TableColumn[Row]]:
        """Return the columns, from left to right."""
        if self.content is not None and self.content.mark_ms is not None:
            return _COMPARING
        return _PLAIN

    def rows_of(self, content: QualityPage) -> Sequence[Row]:
        """Return the kinds."""
        return rows_of_page(content)

    def key_of(self, row: Row) -> str:
        """Return the kind."""
        return row.whole.trouble

    def why_empty(self, content: QualityPage) -> str:
        """Say whether there was none, or none could be told."""
        if content.whole.ratios[0].whole:
            return "none was told in this range"
        return "no log here tells of errors"

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say who tells of errors."""
        return (
            "What conversations tell of failed attempts, and answers whose status is an error as "
            "gateways and some tools log it. An attempt that two logs tell of, such as a tool's "
            "and a gateway's, may count for both.",
        )


_PLAIN: Final[tuple[TableColumn[Row], ...]] = (
    TableColumn("kind", 12, _name, most=22),
    TableColumn("count", 6, partial(_side, "whole"), right=True),
    TableColumn("last", 5, _ended, rank=2, right=True),
    TableColumn("trend", 5, _trend, rank=1, most=30),
)
_COMPARING: Final[tuple[TableColumn[Row], ...]] = (
    TableColumn("kind", 11, _name, most=22),
    TableColumn("before", 6, partial(_side, "before"), right=True),
    TableColumn("after", 6, partial(_side, "after"), right=True),
    TableColumn("Δ", 5, _difference, right=True),
)
