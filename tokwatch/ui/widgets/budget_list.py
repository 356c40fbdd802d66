"""Every budget: what is spent of it, what is left, and how long it lasts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from tokwatch.model.snapshot import Snapshot
from tokwatch.model.standing import Standing
from tokwatch.pages.budgets import EMPTY, BudgetsPage
from tokwatch.ui import budget_words as words
from tokwatch.ui import format as fmt
from tokwatch.ui.glyphs import gauge
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell


def _state(row: Standing, width: int, inks: Inks) -> Line:
    level, text = words.state(row)
    return text_cell(text, width, getattr(inks, level))


def _name(row: Standing, width: int, inks: Inks) -> Line:
    return text_cell(row.name, width, inks.strong)


def _subject(row: Standing, width: int, inks: Inks) -> Line:
    named = [
        fmt.short_project(one.name)
        if one.dimension == "project"
        else one.name[:8]
        if one.dimension == "session"
        else one.name
        for one in row.scopes
    ]
    return text_cell(", ".join(named) or "all", width, inks.text if named else inks.muted)


def _period(row: Standing, width: int, inks: Inks) -> Line:
    return text_cell(row.period, width, inks.muted)


def _spent(row: Standing, width: int, inks: Inks) -> Line:
    level, _ = words.state(row)
    full, empty = gauge(row.share, max(1, width - 6))
    percent = fmt.fit(fmt.percent(row.share), 5, right=True)
    return [(full, getattr(inks, level)), (empty, inks.muted), (" " + percent, inks.text)]


def _amount(name: str, row: Standing, width: int, inks: Inks) -> Line:
    number: int = getattr(row, name)
    mark = words.marks(row) if name == "spent" else ""
    ink = inks.error if number < 0 else inks.text
    return text_cell(mark + words.amount(number, row.unit), width, ink, right=True)


def _pace(row: Standing, width: int, inks: Inks) -> Line:
    ink = inks.warning if row.pace is not None and row.pace > 1 else inks.text
    return text_cell(words.pace(row.pace), width, ink, right=True)


def _ends(now: datetime, zone: str, row: Standing, width: int, inks: Inks) -> Line:
    full, short = (words.ends(row, now, zone, short=is_short) for is_short in (False, True))
    return text_cell(full if len(full) <= width else short, width, inks.text)


class BudgetList(Table[BudgetsPage, Standing]):
    """A line for each budget, and for each name that has one for itself."""

    TITLE = "budgets"
    KIND = BudgetsPage
    EMPTY = EMPTY
    HELP = """
    # Budgets
    What is spent of each budget and how fast. *pace* is the share spent against the share of time
    gone: above 1.0× it goes faster than time. *runs out* is an estimate at the present rate with
    its band; it promises nothing. `≥`: the logs tell at least so much; `~`: derived from totals.

    * `enter` shows where it went
    * `N` makes a new budget, `E` changes this one in your config.toml, `U` takes the last change
      back
    """

    def columns(self) -> Sequence[TableColumn[Standing]]:
        """Return the columns, from left to right."""
        zone = self.snapshot.zone if self.snapshot else "UTC"
        now = self.now
        return (
            TableColumn("budget", 10, _name, most=15, order=lambda row: row.name),
            TableColumn("for", 6, _subject, rank=3, most=16),
            TableColumn("per", 7, _period, rank=4),
            TableColumn("spent of it", 12, _spent, rank=1, most=26,
                        order=lambda row: row.share),
            TableColumn("spent", 9, partial(_amount, "spent"), rank=2, right=True),
            TableColumn("left", 9, partial(_amount, "left"), right=True,
                        order=lambda row: -row.share),
            TableColumn("of", 9, partial(_amount, "limit"), rank=6, right=True),
            TableColumn("pace", 5, _pace, rank=7, right=True,
                        order=lambda row: row.pace or 0.0),
            TableColumn("runs out", 8, partial(_ends, now, zone), rank=5, most=34),
            TableColumn("state", 10, _state),
        )  # fmt: skip

    def rows_of(self, content: BudgetsPage) -> Sequence[Standing]:
        """Return the budgets in the order of the settings."""
        return content.standings

    def key_of(self, row: Standing) -> str:
        """Return what names the budget and whose it is."""
        return f"{row.name}\0{row.subject}"

    def why_empty(self, content: BudgetsPage) -> str:
        """Say why there is none."""
        if content.has_budgets:
            return "no budget counts anything that was used in its time"
        return "no budget is set; N makes one"

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how many there are, and how many are over."""
        over = sum(row.is_over for row in self.rows)
        line: Line = [(f"{self.TITLE} · {len(self.rows)}" if self.rows else self.TITLE, inks.text)]
        if over:
            line.append((f" · {over} over", inks.error))
        return line

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where the numbers come from."""
        return (
            "Spent: the sums that the store keeps by the quarter of an hour, by the cost that "
            "[prices] mode names; days and weeks are those of [general] timezone and [week].",
            "Runs out: at the rate of the last hour (of the last day for a week, of the last week "
            "for a month). The band: how long as much lasted after earlier hours like the last; "
            "with too little history, between the slowest and the fastest of three rates.",
        )
