"""Every suggestion: the best first, then those that were answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from tokwatch.model.snapshot import Snapshot
from tokwatch.model.suggestion import Grade, Suggestion, SuggestionState, saving_sum
from tokwatch.pages.alerts import AlertsPage
from tokwatch.ui import format as fmt
from tokwatch.ui.alert_state import GLYPHS, ink_of
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell
from tokwatch.words import counted

SHORT = {Grade.LOW: "low", Grade.MEDIUM: "med", Grade.HIGH: "high"}


def _is_over(row: Suggestion) -> bool:
    return row.state in (SuggestionState.DISMISSED, SuggestionState.DONE)


def _saving(row: Suggestion, width: int, inks: Inks) -> Line:
    told = fmt.money(row.saving_nano_month) if row.saving_nano_month else fmt.NOTHING
    ink = inks.muted if _is_over(row) or row.rather else inks.text
    return text_cell(told, width, ink, right=True)


def _share(row: Suggestion, width: int, inks: Inks) -> Line:
    told = f"{row.saving_share:.0%}" if row.saving_nano_month else ""
    return text_cell(told, width, inks.muted, right=True)


def _level(row: Suggestion, width: int, inks: Inks) -> Line:
    ink = inks.muted if _is_over(row) else ink_of(row.severity, inks)
    return text_cell(f"{GLYPHS[row.severity]} {row.klass}", width, ink)


def _sure(row: Suggestion, width: int, inks: Inks) -> Line:
    return text_cell(SHORT[row.confidence], width, inks.muted)


def _what(row: Suggestion, width: int, inks: Inks) -> Line:
    told = f"or: {row.title}" if row.rather else row.title
    return text_cell(fmt.clean(told), width, inks.muted if _is_over(row) else inks.text)


def _evidence(row: Suggestion, width: int, inks: Inks) -> Line:
    return text_cell(fmt.clean(row.evidence), width, inks.muted)


def _state(row: Suggestion, width: int, inks: Inks) -> Line:
    told = str(row.state)
    if row.verdict is not None:
        told = str(row.verdict)
    return text_cell(told, width, inks.muted if _is_over(row) else inks.text)


class SuggestionsList(Table[AlertsPage, Suggestion]):
    """A line for each suggestion."""

    TITLE = "suggestions"
    KIND = AlertsPage
    EMPTY = AlertsPage(0)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("A", "screen.accept", "Accept", id="suggestion.accept",
                tooltip="Follow the suggestion: what it promised is watched from now on"),
        Binding("d", "screen.do_without", "Dismiss", id="suggestion.dismiss",
                tooltip="Do without the suggestion; those of its kind sink. Again: take it back"),
        Binding("w", "screen.workbench", "Workbench", id="workbench.open",
                tooltip="Take its text to the workbench, read from the log"),
    ]  # fmt: skip
    HELP = """
    # Suggestions
    What would save money, by dollars a month at the prices that you paid, the surest and largest
    first. `enter` shows the dearest request that it rests on, `A` follows it, `D` says that it is
    done, `d` does without, `c` copies the step. *or:* it and a better one above answer the same
    question; only one can be followed. The sum counts no dollar twice. After `A` the measure that
    it promised is watched: *worked*, *partly*, *no effect* or *too early*. docs/suggestions.md
    has every analyser.
    """

    def columns(self) -> Sequence[TableColumn[Suggestion]]:
        """Return the columns, from left to right."""
        return (
            TableColumn("$/month", 8, _saving, right=True,
                        order=lambda row: row.saving_nano_month),
            TableColumn("slice", 5, _share, rank=4, right=True,
                        order=lambda row: int(row.saving_share * 1000)),
            TableColumn("class", 7, _level, rank=3, order=lambda row: row.severity.rank),
            TableColumn("sure", 4, _sure, rank=5, order=lambda row: row.confidence.rank),
            TableColumn("what", 34, _what, most=90),
            TableColumn("evidence", 16, _evidence, rank=6, most=50),
            TableColumn("state", 9, _state, rank=2),
        )  # fmt: skip

    def rows_of(self, content: AlertsPage) -> Sequence[Suggestion]:
        """Return the suggestions, the best first."""
        return content.suggestions

    def key_of(self, row: Suggestion) -> str:
        """Return what identifies a suggestion."""
        return str(row.id)

    def why_empty(self, content: AlertsPage) -> str:
        """Say why there is none."""
        if not content.at_ms:
            return "nothing found: no requests yet"
        if not content.triggers:
            return "not looked yet: with suggestions.on a look comes within a minute"
        on = [one.name for one in content.triggers if one.is_on]
        if not on:
            return "no reason to look: neither high use or cost, nor low efficiency or repetition"
        return f"nothing worth the change was found ({', '.join(on)})"

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return what all of them would save."""
        total = saving_sum(self.rows)
        told = f" · est. {fmt.money(total)}/month" if total else ""
        return [(self.TITLE, inks.text), (told, inks.muted)]

    def corner(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how often there was a reason to look."""
        triggers = self.content.triggers if self.content else ()
        on = sum(one.is_on for one in triggers)
        return [(counted(on, "trigger"), inks.muted)] if triggers else []

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where suggestions come from."""
        triggers = self.content.triggers if self.content else ()
        counts = ", ".join(f"{one.name} {one.times}x" for one in triggers) or "none yet"
        return (
            "Analysers look at the requests of the last [suggestions] days, each re-priced at its "
            "own rates, and at what conversations were made of where they were read. A month is "
            "30 days of the same.",
            "The sum takes from each request what no suggestion above has claimed of its cost.",
            f"What made tokwatch look so far: {counts}.",
        )
