"""Who worked for a session: a tree with what each delegation cost, and when each one ran."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from tokwatch.analysis.delegation import Clock, Lane, clock
from tokwatch.model.snapshot import Snapshot
from tokwatch.model.usage import CostMode, Usage
from tokwatch.pages.session import SessionPage
from tokwatch.ui import format as fmt
from tokwatch.ui import session_words as words
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell


class SessionAgents(Table[SessionPage, Lane]):
    """One line an agent, beneath the one that set it to work."""

    TITLE = "agents"
    KIND = SessionPage
    SORTS = False
    HELP = """
    # Agents
    Who set whom to work. *Cost* is an agent's own with that of all beneath it; *back* what came
    back into the context of who asked (≈). The bars show when each ran: agents of one parent with
    the same *step* ran side by side, `2 ∥3` is the second step, beside three others.

    `enter` shows an agent's own context. A delegation whose requests are not known has no cost.
    """

    def columns(self) -> Sequence[TableColumn[Lane]]:
        """Return the columns, from left to right."""
        mode = self.content.mode if self.content else CostMode.AUTO
        return (
            TableColumn("agent", 22, self._agent, most=34),
            TableColumn("cost", 9, partial(_cost, "whole", mode), right=True),
            TableColumn("own", 9, partial(_cost, "usage", mode), rank=5, right=True),
            TableColumn("requests", 8, _requests, rank=4, right=True),
            TableColumn("back", 6, _back, rank=3, right=True),
            TableColumn("ran", 6, _ran, rank=2, right=True),
            TableColumn("step", 5, _step, rank=1, right=True),
            TableColumn("when", 8, self._bar, rank=1, most=200),
        )

    clock = Clock()
    guides: Mapping[str, str] = MappingProxyType({})
    """The lines of the tree before each name."""

    def taken(self) -> None:
        """List the agents of a new page, and the time in which they ran."""
        super().taken()
        self.clock = clock(self.rows)
        self.guides = {self.key_of(lane): guide for lane, guide in _guides(self.rows)}

    def rows_of(self, content: SessionPage) -> Sequence[Lane]:
        """Return the tree, each parent before those beneath it."""
        return content.lanes

    def key_of(self, row: Lane) -> str:
        """Return what tells a line from the others."""
        known = "" if row.is_known else f"{row.begin_ms}\0{row.kind}"
        return "\0".join((*row.chain, known))

    def why_empty(self, content: SessionPage) -> str:
        """Say why there is no row."""
        return "nothing is known of this session up to this moment; n goes to now"

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how many there are, and when the first one began and the last one ended."""
        agents = len(self.rows)
        line: Line = [("agents", inks.text), (f" · {agents:,}", inks.muted)]
        if not agents:
            return line
        begin, end = self.clock.instants[0], self.clock.instants[-1]
        shortened = ", pauses shortened" if self.clock.is_shortened else ""
        return [*line, (f" · {words.length(end - begin)}{shortened}", inks.muted)]

    def corner(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return what all of them cost."""
        if self.content is None:
            return []
        whole = self.content.whole
        return [(f"all {fmt.cost(whole.cost_nano(self.content.mode), whole)}", inks.muted)]

    def _agent(self, lane: Lane, width: int, inks: Inks) -> Line:
        is_here = self.content is not None and lane.is_known and lane.chain == self.content.chain
        branch = self.guides.get(self.key_of(lane), "")
        name = lane.kind or "main"
        known = lane.chain.agent or (lane.chain.session if lane.depth else "")
        text = f"{fmt.clean(name)} {fmt.clean(known[:8])}".rstrip()
        if not lane.is_known:
            text = f"{fmt.clean(name)} (not linked)"
        ink = inks.accent if is_here else inks.text if lane.is_known else inks.muted
        room = max(1, width - len(branch) - 2)
        return [(branch, inks.muted), ("◆ " if is_here else "", inks.accent),
                (fmt.fit(text, room + (0 if is_here else 2)), ink)]  # fmt: skip

    def _bar(self, lane: Lane, width: int, inks: Inks) -> Line:
        """Return when it ran, of the time in which any agent did."""
        length = max(1, self.clock.places[-1])
        first = min(width - 1, self.clock.at(lane.begin_ms) * width // length)
        last = max(first, min(width - 1, self.clock.at(lane.end_ms) * width // length))
        ink = inks.chart[min(lane.depth, len(inks.chart) - 1)]
        glyph = "━" if lane.is_known else "·"
        return [("─" * first, inks.frame), (glyph * (last - first + 1), ink),
                ("─" * (width - last - 1), inks.frame)]  # fmt: skip

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what is told, and what is worked out."""
        return (
            "Agents with requests of their own, and who set them to work where the log tells it; "
            "else they stand beneath the session's own. An agent runs from the call that set it "
            "to work to its last request.",
        )


def _guides(lanes: Sequence[Lane]) -> Iterator[tuple[Lane, str]]:
    """Yield each agent with the lines that lead to it."""
    above: list[bool] = []
    for lane in lanes:
        above = [*above[: lane.depth], lane.is_last]
        lines = ["  " if is_last else "│ " for is_last in above[1:-1]]
        yield lane, "".join(lines) + ("" if not lane.depth else "└ " if lane.is_last else "├ ")


def _cost(name: str, mode: CostMode, lane: Lane, width: int, inks: Inks) -> Line:
    usage: Usage = getattr(lane, name)
    if not lane.is_known:
        return text_cell("n/a", width, inks.muted, right=True)
    ink = inks.warning if usage.missing(mode) else inks.strong if name == "whole" else inks.text
    return text_cell(fmt.cost(usage.cost_nano(mode), usage, width), width, ink, right=True)


def _requests(lane: Lane, width: int, inks: Inks) -> Line:
    text = f"{lane.usage.requests:,}" if lane.is_known else fmt.NOTHING
    return text_cell(text, width, inks.text, right=True)


def _back(lane: Lane, width: int, inks: Inks) -> Line:
    text = fmt.NOTHING if lane.back_tokens is None else f"≈{fmt.count(lane.back_tokens)}"
    return text_cell(text, width, inks.text if lane.back_tokens else inks.muted, right=True)


def _ran(lane: Lane, width: int, inks: Inks) -> Line:
    text = words.length(lane.end_ms - lane.begin_ms) if lane.is_known else fmt.NOTHING
    return text_cell(text, width, inks.text, right=True)


def _step(lane: Lane, width: int, inks: Inks) -> Line:
    beside = f" ∥{lane.beside}" if lane.beside else ""
    return text_cell(f"{lane.step}{beside}" if lane.step else "", width, inks.muted, right=True)
