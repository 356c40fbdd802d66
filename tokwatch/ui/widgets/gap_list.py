"""Every comparison of logs with a report, by UTC day and model: both sides, the gap and why."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar, Final

from textual.binding import BindingType

from tokwatch.model.reconciliation import Figures, Row, Why
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.reconciliation import NOTHING_TOLD, ReconcilePage
from tokwatch.ui import format as fmt
from tokwatch.ui import gap_words as words
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell
from tokwatch.words import counted

ROOMY, WIDE = 70, 108
"""From so many cells on there is room for a longer reason, and for dollars beside tokens."""
GAP: Final = 10
"""Cells of a gap in tokens where dollars have columns of their own."""
HARMLESS: Final = frozenset({Why.SMALL, Why.CLASSES, Why.CACHED, Why.EARLIER, Why.NAMES})
"""Reasons that ask for no look: no use is missing on either side."""


def is_open(row: Row) -> bool:
    """Tell whether a gap wants a look."""
    return any(reason.why not in HARMLESS for reason in row.reasons)


def _day(row: Row, width: int, inks: Inks) -> Line:
    return text_cell(words.date(row.pair.day)[5:], width, inks.muted)


def _model(row: Row, width: int, inks: Inks) -> Line:
    name = fmt.short_model(row.pair.model) if row.pair.model else words.ALL
    return text_cell(fmt.clean(name), width, inks.text)


def _report(row: Row, width: int, inks: Inks) -> Line:
    pair = row.pair
    return text_cell(words.report_name(pair.endpoint, pair.report), width, inks.text)


def _tokens(side: str, row: Row, width: int, inks: Inks) -> Line:
    count = _compared(row, side).tokens
    return _number(words.narrow_tokens(count, width), width, inks)


def _money(side: str, row: Row, width: int, inks: Inks) -> Line:
    nano = _compared(row, side).cost_nano
    return _number(words.narrow_money(nano, width), width, inks)


def _compared(row: Row, side: str) -> Figures:
    """Return a side without what the other one does not tell."""
    figures: Figures = getattr(row.pair, side)
    known = zip(figures, row.pair.gap, strict=True)
    return Figures(*(None if gap is None else count for count, gap in known))


def _number(told: str, width: int, inks: Inks) -> Line:
    ink = inks.muted if told == words.UNKNOWN else inks.text
    return text_cell(told, width, ink, right=True)


def _gap(row: Row, width: int, inks: Inks) -> Line:
    count = row.pair.gap.tokens
    if count is None and width < GAP:  # there is no column of dollars
        return _money_gap(row, width, inks)
    return _signed(words.narrow_tokens(count, width, is_gap=True), count, row, width, inks)


def _money_gap(row: Row, width: int, inks: Inks) -> Line:
    nano = row.pair.gap.cost_nano
    return _signed(words.narrow_money(nano, width, is_gap=True), nano, row, width, inks)


def _signed(told: str, gap: int | None, row: Row, width: int, inks: Inks) -> Line:
    ink = inks.muted if not gap else inks.warning if is_open(row) else inks.text
    return text_cell(told, width, ink, right=True)


def _why(row: Row, width: int, inks: Inks) -> Line:
    ink = inks.good if not row.reasons else inks.text if is_open(row) else inks.muted
    return text_cell(fmt.clean(words.reason_words(row)), width, ink)


class GapList(Table[ReconcilePage, Row]):
    """A line for each comparison, the newest day first."""

    TITLE = "gaps"
    KIND = ReconcilePage
    EMPTY = NOTHING_TOLD
    HELP = """
    # Gaps
    What the logs say of a UTC day and model beside what one report says of it: a gateway, a
    provider's usage, a provider's bill. A gap is the report minus the logs: a positive one is use
    that the logs do not show. `n/a` is not told; classes that a report does not tell are left out
    of its line. Nothing is added up: all of them tell of the same use.

    * `enter` shows all figures of the line, every reason, and what to do about each
    * `l` lists the requests of its day and model; `n` goes back to now
    * `s` sorts by the size of the gap; `e` writes all of it to a file
    * `N` adds an endpoint
    """
    BINDINGS: ClassVar[list[BindingType]] = []

    def columns(self) -> Sequence[TableColumn[Row]]:
        """Return the columns, from left to right."""
        is_roomy, is_wide = self.size.width >= ROOMY, self.size.width >= WIDE
        numbers = (
            TableColumn("logs", 9, partial(_tokens, "logs"), right=True,
                        order=lambda row: _compared(row, "logs").tokens or 0),
            TableColumn("it says", 9, partial(_tokens, "says"), right=True,
                        order=lambda row: row.pair.says.tokens or 0),
        )  # fmt: skip
        money = (
            TableColumn("logs $", 8, partial(_money, "logs"), right=True),
            TableColumn("says $", 8, partial(_money, "says"), right=True),
            TableColumn("gap $", 8, _money_gap, right=True,
                        order=lambda row: abs(row.pair.gap.cost_nano or 0)),
        )  # fmt: skip
        return (
            TableColumn("day", 5, _day, order=lambda row: row.pair.day),
            TableColumn("model", 10 if is_roomy else 9, _model, rank=1, most=15,
                        order=lambda row: row.pair.model),
            TableColumn("report", 13 if is_roomy else 11, _report, most=15),
            *(numbers if is_wide else ()),
            TableColumn("gap", GAP if is_wide else GAP - 1, _gap, right=True,
                        order=lambda row: abs(row.pair.gap.tokens or 0)),
            *(money if is_wide else ()),
            TableColumn("likely reason", 26 if is_roomy else 14, _why, most=200),
        )  # fmt: skip

    def rows_of(self, content: ReconcilePage) -> Sequence[Row]:
        """Return the comparisons, the newest day first."""
        return sorted(content.found.rows, key=lambda row: -row.pair.day)

    def key_of(self, row: Row) -> str:
        """Return day, model and report."""
        return words.key_of(row.pair)

    def why_empty(self, content: ReconcilePage) -> str:
        """Say what there is to compare with, and what to do."""
        if content.goes_on:
            return f"reading: {counted(content.left, 'day')} left"
        if content.has_told:
            return "no report tells of these days; } widens the range, [ goes back"
        if content.endpoints:
            return "no endpoint has told of use yet: escape, and see how each does"
        return "no endpoint is configured: N adds a gateway or a provider"

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how many gaps want a look."""
        line: Line = [(self.TITLE, inks.text)]
        if number := sum(map(is_open, self.rows)):
            line.append((f" · {number:,} to look at", inks.warning))
        agreeing = sum(not row.reasons for row in self.rows)
        if agreeing:
            line.append((f" · {agreeing:,} of {len(self.rows):,} agree exactly", inks.muted))
        return line

    def corner(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Say how far the range is read."""
        content = self.content
        if content is None or not content.goes_on:
            return []
        done = len(content.days) - content.left
        return [(f"{done} of {counted(len(content.days), 'day')} read", inks.accent)]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where each number comes from."""
        return (
            "Logs: the requests of that UTC day and model in this store, of those that the report "
            "is about: a provider's report is of that provider's requests, Claude Code analytics "
            "of that tool's, a gateway's of the models that it tells of.",
            "It says: the buckets that the endpoint told for that day, as the polling stored them. "
            "Gap: the second minus the first, class by class; what one of them does not tell is "
            "not compared. Days are whole, also where the shown range begins or ends within one; "
            "those before yesterday are some minutes old at most.",
            "Reasons are likely, not proved: what explains a part is taken off the gap, and what "
            "is left goes to the next one. docs/reconciliation.md has their order.",
        )
