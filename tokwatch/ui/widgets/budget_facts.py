"""The budget under the cursor, in full."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

from rich.style import Style
from textual.binding import BindingType
from textual.geometry import Size

from tokwatch.model.snapshot import Snapshot
from tokwatch.model.standing import Standing
from tokwatch.pages.budgets import EMPTY, BudgetsPage
from tokwatch.ui import budget_words as words
from tokwatch.ui import format as fmt
from tokwatch.ui.glyphs import gauge
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.source_words import wrapped
from tokwatch.ui.widgets.page_pane import PagePane
from tokwatch.ui.widgets.painted import ZOOM

NAME: Final = 9
"""Cells of a fact's name."""


class BudgetFacts(PagePane[BudgetsPage], can_focus=True):
    """What the budget counts, how it stands and where that leads."""

    TITLE = "budget"
    KIND = BudgetsPage
    EMPTY = EMPTY
    HELP = """
    # One budget
    What it counts, what is spent and left, when its time ends, and when it runs out at the present
    rate. The band says how sure that is: it holds what eight of ten earlier cases would do.
    """
    BINDINGS: ClassVar[list[BindingType]] = [ZOOM]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.shown = ("", "")
        """Name and subject of the budget."""

    def show(self, name: str, subject: str) -> None:
        """Show another budget."""
        if (name, subject) != self.shown:
            self.shown = (name, subject)
            self.redraw()

    @property
    def standing(self) -> Standing | None:
        """The shown budget."""
        rows = self.content.standings if self.content else ()
        return next((row for row in rows if (row.name, row.subject) == self.shown), None)

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the budget's name."""
        one = self.standing
        return [(f"budget {one.name}" if one else self.TITLE, inks.text)]

    def page(self, content: BudgetsPage, size: Size, inks: Inks) -> list[Line]:
        """Return the facts."""
        one = self.standing
        if one is None or self.snapshot is None:
            told = "choose a budget in the table above" if content.standings else EXAMPLE
            return [[(part, inks.muted)] for part in wrapped(told, size.width)]
        full, empty = gauge(one.share, min(40, max(4, size.width - 20)))
        level, _ = words.state(one)
        bar: Line = [(full, getattr(inks, level)), (empty, inks.muted)]
        bar.append((f" {fmt.percent(one.share)} of it", inks.text))
        lines = [bar]
        for name, told, ink in self._facts(one, self.snapshot.zone, inks):
            for number, part in enumerate(wrapped(told, size.width, NAME)):
                lines.append([(f"{'' if number else name:<{NAME}}", inks.muted), (part, ink)])
        return lines

    def _facts(self, one: Standing, zone: str, inks: Inks) -> Iterator[tuple[str, str, Style]]:
        level, _ = words.state(one)
        ink = getattr(inks, level) if level != "good" else inks.text
        spent = f"{words.marks(one)}{words.full_amount(one, one.spent)}"
        yield "spent", f"{spent} of {words.full_amount(one, one.limit)}", inks.text
        left = words.full_amount(one, abs(one.left))
        yield "left", left if one.left >= 0 else f"none: {left} over", ink
        if one.unpriced_tokens:
            told = f"{fmt.count(one.unpriced_tokens)} tokens have no price and are not in it"
            yield "", told, inks.warning
        yield "counts", one.subject or "everything", inks.text
        yield "ends", words.resets(one.end_ms, self.now, zone), inks.text
        if one.pace is not None:
            yield "pace", f"{words.pace(one.pace)} as fast as time goes", inks.text
        yield "runs out", _ends(one, words.ends(one, self.now, zone)), ink
        if one.split:
            yield "part of", f"[split.{one.split}]: its parts add up to the total", inks.muted

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where the numbers come from."""
        return (
            "The same sums as in the table of budgets: what the store holds of the budget's time "
            "and of what it counts.",
        )


EXAMPLE: Final = (
    "A budget is an amount of dollars, tokens or requests for a block, day, week, month, session "
    "or run; for all, or for a project, model, agent, user, key or tag. N makes one; "
    "docs/budgets.md shows splits and goals."
)


def _ends(one: Standing, told: str) -> str:
    if told == "lasts":
        return "not before its end, at the present rate"
    doubted = one.runs_out_ms is not None and not one.is_over
    return f"{told} at the present rate, an estimate" if doubted else told
