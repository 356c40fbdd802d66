"""Each report over all compared days, beside the logs that it is about."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from tokwatch.analysis.reconciliation import Total
from tokwatch.model.reconciliation import Figures
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.reconciliation import NOTHING_TOLD, ReconcilePage
from tokwatch.ui import format as fmt
from tokwatch.ui import gap_words as words
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.painted import ZOOM
from tokwatch.ui.widgets.scrolled import Scrolled
from tokwatch.words import counted

HEADS = ("logs", "it says", "gap", "logs $", "says $", "gap $")


class GapTotals(Scrolled[ReconcilePage], can_focus=True):
    """A line for each report; what none of them is about stands beneath."""

    TITLE = "logs beside reports"
    KIND = ReconcilePage
    EMPTY = NOTHING_TOLD
    HELP = """
    # Logs beside reports
    Each report of each endpoint over all compared days, beside the requests of the logs that it
    is about: tokens of the classes that it tells, and dollars. They tell of the same use: never
    add them up.
    """
    BINDINGS: ClassVar[list[BindingType]] = [ZOOM]

    def taken(self) -> None:
        """Have the height of its lines, as far as the style allows."""
        if self.content is not None:
            untold = bool(self.content.found.untold.total)
            self.styles.height = 3 + len(self.content.found.totals) + untold

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the days that are compared."""
        line: Line = [(self.TITLE, inks.text)]
        days = self.content.days if self.content else range(0)
        if days:
            first, last = words.date(days.start), words.date(days.stop - 1)
            told = first if first == last else f"{first} to {last}"
            line.append((f" · {told}, UTC", inks.muted))
        return line

    def lines(self, content: ReconcilePage, width: int, inks: Inks) -> list[Line]:
        """Return a line for each report."""
        totals = content.found.totals
        if not totals:
            return [[("nothing to compare with in this range", inks.muted)]]
        cell = max(8, min(12, (width - 14) // 6 - 1))
        shown = HEADS if 6 * (cell + 1) + 14 <= width else ("it says", "gap", "says $", "gap $")
        name = max(10, min(24, width - len(shown) * (cell + 1)))
        heads = "".join(f" {head:>{cell}}" for head in shown)
        lines: list[Line] = [[(f"{'report':<{name}}{heads}", inks.muted)]]
        lines += [self._line(one, name, cell, shown, inks) for one in totals]
        if content.found.untold.total:
            models = counted(len(content.found.untold_models), "model")
            told = f"{content.found.untold.total:,} tokens of {models} are told by no report"
            lines.append([(fmt.fit_to(told, width), inks.muted)])
        return lines

    def _line(self, one: Total, name: int, cell: int, shown: tuple[str, ...], inks: Inks) -> Line:
        # Only classes that the report tells are compared.
        logs = Figures(
            *(a if b is not None else None for a, b in zip(one.logs, one.gap, strict=True))
        )
        told = {
            "logs": words.narrow_tokens(logs.tokens, cell),
            "it says": words.narrow_tokens(one.says.tokens, cell),
            "gap": words.narrow_tokens(one.gap.tokens, cell, is_gap=True),
            "logs $": words.narrow_money(logs.cost_nano, cell),
            "says $": words.narrow_money(one.says.cost_nano, cell),
            "gap $": words.narrow_money(one.gap.cost_nano, cell, is_gap=True),
        }
        line: Line = [(fmt.fit(words.report_name(one.endpoint, one.report), name), inks.text)]
        for head in shown:
            ink = inks.muted if told[head] in (words.UNKNOWN, "0") else inks.text
            line.append((f" {told[head]:>{cell}}", ink))
        return line

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what is summed."""
        return (
            "Sums of the lines beneath, by report. Logs are the requests in this store that the "
            "report is about, over the days that it tells of; what it says are the sums of its own "
            "buckets. A total is n/a where one of its days does not tell it.",
            "What no report is about: requests of providers and models that no endpoint tells of.",
        )
