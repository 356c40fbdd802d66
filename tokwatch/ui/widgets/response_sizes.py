"""The hit rate of the simulated response cache against its size."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.binding import BindingType
from textual.geometry import Size

from tokwatch.model.repeats import KeyKind, Outcome
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.response_cache import ResponsePage, Simulation
from tokwatch.ui import cache_words as words
from tokwatch.ui import format as fmt
from tokwatch.ui.glyphs import tall_spark
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.page_pane import PagePane
from tokwatch.ui.widgets.painted import ZOOM

AXIS_WIDTH: Final = 6
"""Cells of a label such as 100% and the axis itself."""
TOPS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""What the full height may stand for."""


class ResponseSizes(PagePane[ResponsePage], can_focus=True):
    """A bar for each size, the configured ones marked."""

    TITLE = "hit rate by size"
    KIND = ResponsePage
    HELP = """
    # Hit rate by size
    What share of the requests a cache of so many answers would have answered, for the key under
    the cursor. `▲` marks the two sizes of the settings. Where more room does not help, answers
    expire first, or the requests do not repeat.
    """
    BINDINGS: ClassVar[list[BindingType]] = [ZOOM]

    kind: KeyKind = KeyKind.WHOLE
    """What counts as the same request."""

    def show(self, kind: KeyKind) -> None:
        """Draw the simulation with this sort of key."""
        self.kind = kind
        self.redraw()

    @property
    def _simulation(self) -> Simulation | None:
        found = self.content.simulations if self.content else ()
        return next((one for one in found if one.kind is self.kind), None)

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return which key it is, and the limits that hold for every size."""
        line: Line = [(self.TITLE, inks.text), (f" · {self.kind.value}", inks.muted)]
        if self.content is not None and self.size.width >= 76:
            limits = self.content.limits
            ttl = words.pause(limits.ttl_seconds * 1000)
            line.append((f" · {limits.max_mb:,} MB, expiring after {ttl}", inks.muted))
        return line

    def page(self, content: ResponsePage, size: Size, inks: Inks) -> list[Line]:
        """Return the bars, the sizes beneath them, and what limited the large cache."""
        one = self._simulation
        if one is None:
            why = "reading …" if not content.is_whole else "no request here is known well enough"
            return [[(why, inks.muted)]]
        marked = (content.limits.small_items, content.limits.large_items)
        width = max(1, (size.width - AXIS_WIDTH) // len(one.sizes))
        rates = [outcome.rate or 0.0 for _, outcome in one.sizes]
        top = next(top for top in TOPS if top >= max(rates))
        rows = max(1, size.height - 4)
        lines: list[Line] = []
        gap = 1 if width > 2 else 0
        bars = [tall_spark([rate] * (width - gap), width - gap, rows, top) for rate in rates]
        for row in range(rows):
            label = words.rate(top) if row == 0 else ""
            plot = (" " * gap).join(bar[row] for bar in bars)
            lines.append([(f"{label:>5}{'┤' if label else '│'}", inks.muted), (plot, inks.trend)])
        labels = "".join(fmt.fit(_items(items), width) for items, _ in one.sizes)
        values = "".join(fmt.fit(words.rate(outcome.rate), width) for _, outcome in one.sizes)
        marks = "".join(
            fmt.fit("▲ " + _role(items, marked) if items in marked else "", width)
            for items, _ in one.sizes
        )
        return [
            *lines,
            [(f"{'0%':>5}┼", inks.muted), (labels, inks.text)],
            [(f"{'':>6}", inks.muted), (values if width >= 6 else "", inks.muted)],
            [(f"{'':>6}", inks.muted), (marks, inks.accent)],
            [(_limits_of(one.large), inks.muted)],
        ]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what holds for every size."""
        return (
            "The same requests against caches of different sizes: all with the configured limit "
            "of bytes and age, the least recently used answer goes first.",
            "An answer's size is the number of its characters; its age counts from when it was "
            "stored. A request that failed is never stored.",
        )


def _items(items: int) -> str:
    return f"{items:,}" if items < 1_000 else fmt.count(items).replace(".0k", "k")


def _role(items: int, marked: tuple[int, int]) -> str:
    return "small" if items == marked[0] else "large"


def _limits_of(large: Outcome) -> str:
    """Say what kept the large cache from answering more."""
    return (
        f"the large one: {large.expired:,} expired · {large.evicted_items:,} gone for too many · "
        f"{large.evicted_size:,} for too large"
    )
