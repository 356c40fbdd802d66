"""The cost bridge of triage: from what was expected to what it cost, cause by cause."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.binding import BindingType
from textual.geometry import Size

from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.triage import TriagePage
from tokwatch.ui import format as fmt
from tokwatch.ui import triage_names as names
from tokwatch.ui.glyphs import gauge
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.page_pane import PagePane
from tokwatch.ui.widgets.painted import ZOOM

NAME: Final = 18
"""Cells of a cause."""
MONEY: Final = 10

Part = tuple[str, int, bool]
"""Its name, its nano-dollars, and whether it is a sum: the first and the last line."""


class TriageBridge(PagePane[TriagePage], can_focus=True):
    """B, what each cause adds or takes away, and A."""

    TITLE = "why"
    KIND = TriagePage
    HELP = """
    # Why: the cost bridge
    From B to A, one factor after the other takes its new value: the number of requests, tokens a
    request, the models' shares, output's share, the mix of input, cache reads and writes, and
    what was paid above or below the list price. The parts add up exactly.
    """
    BINDINGS: ClassVar[list[BindingType]] = [ZOOM]

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return what kind of reason this is."""
        return [(self.TITLE, inks.text), (" · cost bridge", inks.muted)]

    def page(self, content: TriagePage, size: Size, inks: Inks) -> list[Line]:
        """Return a line for each part; where there is no room, the small ones as one."""
        parts = _parts(content, size.height)
        places = names.places_of(content.triage.bridge.nano, content.triage.bridge.baseline_nano)
        shown = names.cents([nano for _, nano, is_sum in parts[:-1]], places)
        shown.append(names.cents([parts[-1][1]], places)[0])
        largest = max(map(abs, shown), default=0)
        lines: list[Line] = []
        for (name, _, is_sum), nano in zip(parts, shown, strict=True):
            amount = fmt.money(nano, places) if is_sum else names.signed(nano, places)
            ink = inks.strong if is_sum else inks.text if nano else inks.muted
            line: Line = [
                (fmt.fit(name, min(NAME, size.width - MONEY)), ink),
                (fmt.fit(amount, MONEY, right=True), ink),
            ]
            if (room := size.width - NAME - MONEY - 1) >= 4 and largest:
                bar = gauge(abs(nano) / largest, room)[0] if nano else ""
                line.append((f" {bar}", inks.good if nano < 0 else inks.trend))
            lines.append(line)
        return lines

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say how the parts are computed."""
        return (
            "Cost = requests x tokens a request x the models' shares of the tokens x the list "
            "price of each model's mix of token classes x what was paid over the list price. The "
            "factors change in this order; each part is what the cost changed by in its step.",
            "Shown amounts are rounded so that they still add up.",
        )


def _parts(page: TriagePage, room: int) -> list[Part]:
    """Return the lines: all causes, or the largest ones and the rest as one."""
    built = page.triage.bridge
    causes = [(step.cause, step.nano) for step in built.steps]
    if built.residual_nano:
        causes.append(("not explained", built.residual_nano))
    if len(causes) + 2 > room:
        kept = sorted(causes, key=lambda one: -abs(one[1]))[: max(0, room - 3)]
        rest = sum(nano for name, nano in causes if (name, nano) not in kept)
        causes = [one for one in causes if one in kept]
        causes.append((f"{len(built.steps) - len(kept)} others", rest))
    return [
        ("B, scaled", built.baseline_nano, True),
        *((name, nano, False) for name, nano in causes),
        ("A", built.nano, True),
    ]
