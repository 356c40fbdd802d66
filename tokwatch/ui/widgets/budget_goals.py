"""Goals: a measure now, its target, and how far the way is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from tokwatch.model.snapshot import Snapshot
from tokwatch.model.standing import GoalStanding
from tokwatch.pages.budgets import EMPTY, BudgetsPage
from tokwatch.ui import budget_words as words
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell


def _goal(row: GoalStanding, width: int, inks: Inks) -> Line:
    return text_cell(row.name, width, inks.strong)


def _now(row: GoalStanding, width: int, inks: Inks) -> Line:
    return text_cell(words.value(row.value, row.unit), width, inks.text, right=True)


def _target(row: GoalStanding, width: int, inks: Inks) -> Line:
    sign = "≥" if row.is_higher_better else "≤"
    return text_cell(f"{sign} {words.value(row.target, row.unit)}", width, inks.text, right=True)


def _before(row: GoalStanding, width: int, inks: Inks) -> Line:
    return text_cell(words.value(row.baseline, row.unit), width, inks.muted, right=True)


def _baseline(now: datetime, zone: str, row: GoalStanding, width: int, inks: Inks) -> Line:
    told = words.days(row.baseline_start_ms, row.baseline_end_ms, now, zone)
    return text_cell(told, width, inks.muted)


def _state(row: GoalStanding, width: int, inks: Inks) -> Line:
    level, text = words.goal_state(row)
    return text_cell(text, width, getattr(inks, level))


def _measure(row: GoalStanding, width: int, inks: Inks) -> Line:
    of = f" of {row.subject}" if row.subject else ""
    when = words.PERIODS[row.period]
    return text_cell(f"{words.MEASURES[row.measure]}{of}, {when}", width, inks.muted)


class GoalList(Table[BudgetsPage, GoalStanding]):
    """A line for each goal."""

    TITLE = "goals"
    KIND = BudgetsPage
    EMPTY = EMPTY
    HELP = """
    # Goals
    A measure of this week, or of the day or month, beside its target and what it was in its
    baseline: by default the four weeks before; *baseline* names the days. *there* is the part of
    the way from the baseline to the target. Nothing is promised: it says what was, not what will
    be.
    """

    def columns(self) -> Sequence[TableColumn[GoalStanding]]:
        """Return the columns, from left to right."""
        zone = self.snapshot.zone if self.snapshot else "UTC"
        return (
            TableColumn("goal", 8, _goal, most=14, order=lambda row: row.name),
            TableColumn("now", 7, _now, right=True),
            TableColumn("target", 9, _target, right=True),
            TableColumn("before", 7, _before, rank=2, right=True),
            TableColumn("baseline", 16, partial(_baseline, self.now, zone), rank=4),
            TableColumn("state", 13, _state, rank=1),
            TableColumn("measure", 16, _measure, rank=3, most=60),
        )

    def rows_of(self, content: BudgetsPage) -> Sequence[GoalStanding]:
        """Return the goals in the order of the settings."""
        return content.goals

    def key_of(self, row: GoalStanding) -> str:
        """Return the goal's name."""
        return row.name

    def why_empty(self, content: BudgetsPage) -> str:
        """Say why there is none."""
        return "no goal is set: [goal.NAME] in config.toml"

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where the numbers come from."""
        return (
            "Each value is a quotient of the store's sums: of the goal's period up to the shown "
            "moment, and of its baseline. A cost with unpriced tokens reaches no goal. Listed are "
            "the requests of the period.",
        )
