"""What a truncated context would have saved and cost, and what would have been left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.geometry import Size

from tokwatch.analysis.simulated import Loss, Simulation
from tokwatch.analysis.truncation import Strategy
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.session import SessionPage
from tokwatch.ui import format as fmt
from tokwatch.ui import session_words as words
from tokwatch.ui.glyphs import gauge
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.page_pane import PagePane
from tokwatch.ui.widgets.painted import ZOOM
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell
from tokwatch.words import counted


class SessionTruncation(Table[SessionPage, Simulation]):
    """One line a strategy: what it would have changed in all requests of this agent."""

    TITLE = "truncation, simulated"
    KIND = SessionPage
    HELP = """
    # Truncation, simulated
    What this session would have sent under the limits of `[context]` in config.toml: so many
    messages and so many tokens, of which the safety margin may be filled, less the reserve for
    the answer. Room is claimed by the newest message, then system prompt, first message, and the
    others from the newest back; a tool's call and its result stay together.

    Saved dollars count what is paid again: where the beginning of a prompt moves, what follows
    is no longer in the cache. Below zero, truncating would have cost more than it saved.
    """

    def columns(self) -> Sequence[TableColumn[Simulation]]:
        """Return the columns, from left to right."""
        return (
            TableColumn("strategy", 15, _strategy, most=18),
            TableColumn("saved $", 9, _saved, right=True, order=lambda one: one.saved_nano),
            TableColumn("tokens", 7, _tokens, rank=1, right=True,
                        order=lambda one: one.saved_tokens),
            TableColumn("cut in", 9, _cut, rank=2, right=True, order=lambda one: one.cut),
            TableColumn("summaries", 9, _summaries, rank=4, right=True),
            TableColumn("keeps", 20, _keeps, rank=3, most=32),
        )  # fmt: skip

    def rows_of(self, content: SessionPage) -> Sequence[Simulation]:
        """Return what each strategy would have changed."""
        return (content.inside.simulations if content.inside else None) or ()

    def key_of(self, row: Simulation) -> str:
        """Return the strategy."""
        return row.strategy.value

    def why_empty(self, content: SessionPage) -> str:
        """Say why there is no row."""
        if content.inside is not None and content.inside.simulations is None:
            return "working it out …"
        if content.inside is not None and content.inside.simulations is None:
            return "working it out …"
        return words.reading_words(content) or "no request whose prompt is known"

    def corner(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return the limits."""
        inside = self.content.inside if self.content else None
        if inside is None:
            return []
        limits = inside.limits
        told = f"{limits.messages} messages · {fmt.count(limits.tokens)} tokens"
        return [(f"{told} × {limits.margin:g} less {fmt.count(limits.reserve)}", inks.muted)]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say how the savings are made."""
        return (
            "Each request is sent again without what a strategy leaves out. As much of its "
            "unchanged beginning is read from the cache as the real request found there of the "
            "prompt before; the rest is paid as the real request paid what it did not read.",
            "A summary is made anew when as many more messages left as [summary] messages says; "
            "making it reads what leaves at the price of a cache read, and is counted.",
        )


class SessionLoss(PagePane[SessionPage], can_focus=True):
    """What the chosen strategy would leave out of the prompt under the cursor."""

    TITLE = "left out"
    KIND = SessionPage
    HELP = """
    # Left out
    What the strategy under the table's cursor would have left out of the request under the
    cursor of the timeline, and what would have been sent. `left` `right` move that cursor.
    """
    BINDINGS: ClassVar[list[BindingType]] = [ZOOM]

    cursor: int | None = None
    strategy = Strategy.SLIDING

    def point_at(self, key: int | None) -> None:
        """Show another request."""
        self.cursor = key
        self.redraw()

    def choose(self, strategy: Strategy) -> None:
        """Show another strategy."""
        self.strategy = strategy
        self.redraw()

    @property
    def loss(self) -> Loss | None:
        """What would be left out; None where that is not known."""
        page = self.content
        if page is None or page.inside is None or not page.course.points:
            return None
        key = page.course.points[-1].key if self.cursor is None else self.cursor
        return page.inside.loss(key, self.strategy)

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return by which strategy."""
        return [("left out", inks.text), (f" by {self.strategy.value}", inks.muted)]

    def page(self, content: SessionPage, size: Size, inks: Inks) -> list[Line]:
        """Return what would be sent, and the parts that would not."""
        found = self.loss
        if found is None:
            why = words.reading_words(content) or "this request is not a part of the conversation"
            return [[(fmt.fit_to(why, size.width), inks.muted)]]
        plan = found.plan
        sent = f"{found.sent:,} of {counted(found.prompt, 'token')}"
        lines: list[Line] = [
            [("sent ", inks.muted), (sent, inks.text)],
            [("kept ", inks.muted), (f"{plan.kept:,} of {plan.kept + plan.lost:,} messages",
                                     inks.text)],
        ]  # fmt: skip
        if plan.summary_tokens:
            told = f"≈{fmt.count(plan.summary_tokens)} tokens for the other {plan.lost:,}"
            lines.append([("summary ", inks.muted), (told, inks.text)])
        if not found.lost:
            return [*lines, [("nothing would be left out: all of it fits", inks.good)]]
        total = sum(tokens for _, tokens in found.lost)
        for group, tokens in found.lost:
            name = fmt.fit(words.group_name(group), max(8, min(22, size.width - 18)))
            bar = size.width - len(name) - 10
            full, rest = gauge(tokens / total, bar) if bar >= 4 else ("", "")
            lines.append([(name + " ", inks.text), (full, inks.warning), (rest, inks.frame),
                          (f" ≈{fmt.count(tokens):>6}", inks.text)])  # fmt: skip
        return lines[: size.height]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what is left out."""
        return ("Estimated tokens of the messages that the strategy leaves out, by part.",)


def _strategy(one: Simulation, width: int, inks: Inks) -> Line:
    return text_cell(one.strategy.value, width, inks.text)


def _keeps(one: Simulation, width: int, inks: Inks) -> Line:
    return text_cell(words.STRATEGIES[one.strategy], width, inks.muted)


def _cut(one: Simulation, width: int, inks: Inks) -> Line:
    return text_cell(f"{one.cut:,}/{one.requests:,}", width, inks.text, right=True)


def _tokens(one: Simulation, width: int, inks: Inks) -> Line:
    share = one.saved_tokens / one.tokens if one.tokens else 0.0
    return text_cell(f"-{share * 100:.0f}%", width, inks.text, right=True)


def _saved(one: Simulation, width: int, inks: Inks) -> Line:
    if one.unpriced and not one.nano:
        return text_cell(fmt.UNPRICED, width, inks.warning, right=True)
    more = "+?" if one.unpriced else ""
    ink = inks.good if one.saved_nano > 0 else inks.error if one.saved_nano < 0 else inks.muted
    return text_cell(f"≈{fmt.signed_money(one.saved_nano)}{more}", width, ink, right=True)


def _summaries(one: Simulation, width: int, inks: Inks) -> Line:
    text = f"{one.summaries:,}" if one.summaries else fmt.NOTHING
    return text_cell(text, width, inks.muted, right=True)
