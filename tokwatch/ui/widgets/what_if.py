"""A slice of the spending under other models, from the cheapest to the dearest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.binding import BindingType

from tokwatch.analysis.what_if import Repriced, Way
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.what_if import WhatIfPage
from tokwatch.ui import facet_words as words
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell
from tokwatch.words import counted


def _name(row: Repriced, width: int, inks: Inks) -> Line:
    mark = "● " if row.candidate.is_used else "  "
    ink = inks.strong if row.candidate.is_used else inks.text
    return [(mark, inks.accent), *text_cell(row.candidate.model.name, max(1, width - 2), ink)]


def _provider(row: Repriced, width: int, inks: Inks) -> Line:
    return text_cell(row.candidate.model.provider, width, inks.muted)


def _way(way: Way, row: Repriced, width: int, inks: Inks) -> Line:
    cost = row.nano[way]
    text = "n/a" if cost is None else fmt.narrow_money(cost, width)
    ink = inks.muted if cost is None else inks.strong if way is Way.CACHED else inks.text
    return text_cell(text, width, ink, right=True)


def _against(was: int, row: Repriced, width: int, inks: Inks) -> Line:
    cost = row.nano[Way.CACHED]
    if cost is None:
        return text_cell("n/a", width, inks.muted, right=True)
    arrow = words.arrow(cost, was)
    ink = inks.warning if arrow == "▲" else inks.good if arrow else inks.muted
    return text_cell(f"{arrow} {words.change_words(cost, was)}", width, ink, right=True)


def _fits(requests: int, row: Repriced, width: int, inks: Inks) -> Line:
    window = row.candidate.window
    if window is None:
        return text_cell("window not known", width, inks.muted)
    size = fmt.count(window).replace(".0", "")
    if not row.too_large:
        return text_cell(f"fits {size}", width, inks.muted)
    share = fmt.percent(row.too_large / requests) if requests else ""
    wordings = (f"! {row.too_large:,} ({share}) exceed {size}", f"! {share} exceed {size}")
    told = next((text for text in wordings if len(text) <= width), f"! {share} too large")
    return text_cell(told, width, inks.warning)


class WhatIfLines(Table[WhatIfPage, Repriced]):
    """A line for each model."""

    TITLE = "what if"
    KIND = WhatIfPage
    HELP = """
    # What if
    What the tokens of the slice would have cost under other models, the cheapest first. `●` marks
    models that were used.

    * *as cached*: reads as reads, writes as writes, at the other model's rates
    * *no cache*: all of the prompt as new input
    * *1 h cache*: writes that last an hour
    * *batch*: in the tier of requests that may wait

    `enter` shows a model's rates and where the difference arises. Another model counts other
    tokens for the same text, and needs other answers: these are estimates.
    """
    BINDINGS: ClassVar[list[BindingType]] = []

    def columns(self) -> Sequence[TableColumn[Repriced]]:
        """Return the columns, from left to right."""
        found = self.content.what_if if self.content else None
        was = found.computed_nano if found else 0
        requests = found.requests if found else 0
        ways = ((Way.CACHED, 0), (Way.FRESH, 3), (Way.HOUR, 5), (Way.BATCH, 4))
        costs = {
            way: TableColumn(str(way), 10, partial(_way, way), rank=rank, right=True,
                             order=partial(_cost, way))
            for way, rank in ways
        }  # fmt: skip
        return (
            TableColumn("model", 18, _name, most=26),
            TableColumn("provider", 9, _provider, rank=6),
            costs[Way.CACHED],
            TableColumn("vs now", 8, partial(_against, was), rank=1, right=True),
            *(costs[way] for way in (Way.FRESH, Way.HOUR, Way.BATCH)),
            TableColumn("window", 17, partial(_fits, requests), rank=2, most=26,
                        order=lambda row: row.too_large),
        )  # fmt: skip

    def rows_of(self, content: WhatIfPage) -> Sequence[Repriced]:
        """Return the models, the cheapest first."""
        return content.what_if.rows if content.what_if else ()

    def key_of(self, row: Repriced) -> str:
        """Return the model's name in its list."""
        return "/".join(row.candidate.model[:2])

    def why_empty(self, content: WhatIfPage) -> str:
        """Say how far the range has been read."""
        done = f"{content.read:,} of {counted(content.requests, 'request')}"
        return f"reading: {done}" if content.what_if is None else "no price list is known"

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the slice, and what it has cost."""
        content = self.content
        if content is None:
            return [(self.TITLE, inks.text)]
        found = content.what_if
        told: Line = [(self.TITLE, inks.text), (words.trail(content.picks), inks.accent)]
        if found is None:
            return told
        cost = (
            f" · {counted(found.requests, 'request')} · computed {fmt.money(found.computed_nano)}"
        )
        told.append((cost, inks.muted))
        if found.unpriced:
            names = ", ".join(fmt.clean(name) for name, _ in found.unpriced)
            told.append((f" +? {names}", inks.warning))
        return told

    def corner(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the range."""
        content = self.content
        if content is None:
            return []
        return [(f"{snapshot.span} · {words.range_words(content.shown, snapshot.zone)}",
                 inks.muted)]  # fmt: skip

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what is priced with what, and what is left out."""
        content = self.content
        told = [
            "Each request is priced by the card of its own date and prompt size, as it was when "
            "it was read; under the model that it was made with this is its computed cost, to the "
            "nano-dollar. What was made in another tier, such as fast, keeps its tier there.",
            "Estimates all the same: other models cut text into other tokens, and write longer or "
            "shorter answers. What a longer cache life would have let read again is not known.",
        ]
        found = content.what_if if content else None
        if content is None or found is None:
            return tuple(told)
        told.append(f"The largest prompt of the slice has {counted(found.largest, 'token')}.")
        if found.unpriced:
            names = ", ".join(f"{fmt.clean(n)} ({counted(t, 'token')})" for n, t in found.unpriced)
            told.append(f"Without a price, and so not in what it has cost: {names}.")
        if content.pruned:
            told.append(
                f"{counted(content.pruned, 'request')} stored as sums alone, and left out: older "
                "than you keep."
            )
        return tuple(told)


def _cost(way: Way, row: Repriced) -> int:
    cost = row.nano[way]
    return -1 if cost is None else cost
