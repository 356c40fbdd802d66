"""Models, sorts of agents or sources side by side."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from tokwatch.analysis.measured import DEFINITIONS, Definition
from tokwatch.analysis.quality import By, Group
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.quality import QualityPage
from tokwatch.ui import format as fmt
from tokwatch.ui import quality_words as words
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell

BY_NAME: Final = {one.name: one for one in DEFINITIONS}


def _name(by: By, row: Group, width: int, inks: Inks) -> Line:
    name = fmt.short_model(row.name) if by is By.MODEL else row.name
    return text_cell(words.kind_name(name), width, inks.text if row.name else inks.muted)


def _requests(row: Group, width: int, inks: Inks) -> Line:
    return text_cell(f"{row.requests:,}", width, inks.text, right=True)


def _percentile(of: Definition, name: str, row: Group, width: int, inks: Inks) -> Line:
    spread = row.spreads.get(of.name)
    if spread is None:
        return text_cell(words.UNKNOWN, width, inks.muted, right=True)
    return text_cell(words.value(getattr(spread, name), of), width, inks.text, right=True)


def _order(of: str, name: str, row: Group) -> float:
    spread = row.spreads.get(of)
    return -1 if spread is None else getattr(spread, name)


def _per_million(row: Group, width: int, inks: Inks) -> Line:
    known = row.per_million.value is not None
    ink = inks.strong if known else inks.muted
    return text_cell(words.ratio_value(row.per_million), width, ink, right=True)


def _success(row: Group, width: int, inks: Inks) -> Line:
    known = row.success.value is not None
    ink = inks.text if known else inks.muted
    return text_cell(words.ratio_value(row.success), width, ink, right=True)


def _errors(row: Group, width: int, inks: Inks) -> Line:
    ink = inks.warning if row.errors else inks.muted
    return text_cell(f"{row.errors:,}" if row.errors else fmt.NOTHING, width, ink, right=True)


def _limits(row: Group, width: int, inks: Inks) -> Line:
    ink = inks.warning if row.limits else inks.muted
    return text_cell(f"{row.limits:,}" if row.limits else fmt.NOTHING, width, ink, right=True)


def _column(heading: str, of: str, name: str, rank: int, least: int = 7) -> TableColumn[Group]:
    return TableColumn(
        *(heading, least, partial(_percentile, BY_NAME[of], name)),
        rank=rank,
        right=True,
        order=partial(_order, of, name),
    )


class QualityGroups(Table[QualityPage, Group]):
    """A line for each model, sort of agent, or source."""

    TITLE = "by model"
    KIND = QualityPage
    HELP = """
    # By model, agent or source
    The medians of latency, speed, cost and output of each, what a million of its tokens cost,
    and how often it failed. Logs tell errors and turns of agents, not of models: they count for
    the model that answered the agent next, or last.

    * `left` `right` list models, sorts of agents, or sources
    * `enter` narrows the whole screen to the line, `escape` widens it again
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "screen.group(-1)", "Grouping before", show=False, id="group.before",
                tooltip="By the model, agent or source before"),
        Binding("right", "screen.group(1)", "Next grouping", show=False, id="group.next",
                tooltip="By the next one of model, agent and source"),
    ]  # fmt: skip

    def columns(self) -> Sequence[TableColumn[Group]]:
        """Return the columns, from left to right."""
        by = self.content.by if self.content else By.MODEL
        return (
            TableColumn(str(by), 12, partial(_name, by), most=30),
            TableColumn("requests", 8, _requests, rank=2, right=True,
                        order=lambda row: row.requests),
            _column("latency", "latency", "p50", 0),
            _column("p90", "latency", "p90", 4),
            _column("first", "first token", "p50", 8),
            _column("speed", "speed", "p50", 3, 8),
            _column("turn", "turn", "p50", 9),
            _column("cost", "cost", "p50", 7, 8),
            _column("output", "output", "p50", 10, 6),
            TableColumn("$/M tok", 8, _per_million, rank=1, right=True,
                        order=lambda row: row.per_million.value or 0.0),
            TableColumn("success", 7, _success, rank=5, right=True,
                        order=lambda row: row.success.value or 0.0),
            TableColumn("errors", 6, _errors, rank=6, right=True,
                        order=lambda row: row.errors),
            TableColumn("limited", 7, _limits, rank=11, right=True,
                        order=lambda row: row.limits),
        )  # fmt: skip

    def rows_of(self, content: QualityPage) -> Sequence[Group]:
        """Return the groups, the one with the most requests first."""
        return content.whole.groups

    def key_of(self, row: Group) -> str:
        """Return the group's name."""
        return row.name

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return what is grouped by, and what everything is narrowed to."""
        if self.content is None:
            return [(self.TITLE, inks.text)]
        line: Line = [(f"by {self.content.by} · {len(self.rows):,}", inks.text)]
        for by, value in self.content.trail:
            line.append((f" · only {by} {words.kind_name(value)}", inks.accent))
        return line

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what the columns are."""
        return (
            "Medians (p50) of each group's requests or turns; latency also at p90. Success is "
            "answers of answers and failed attempts, rate limits apart.",
            "An error counts for the model that the same agent's next request went to, else its "
            "last one; a turn for the model that ended it.",
        )
