"""Carried cost: which blocks cost most since they entered, and which tools and servers do."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from tokwatch.analysis.carried import (
    PART,
    SERVER,
    TOOL,
    Carried,
    CarriedPart,
    CarriedSum,
    by_name,
)
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.session import SessionPage
from tokwatch.ui import cache_words
from tokwatch.ui import format as fmt
from tokwatch.ui import session_words as words
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.request_columns import time_text
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell
from tokwatch.words import counted

WAYS: Final = (PART, TOOL, SERVER)


class CarriedSums(Table[SessionPage, CarriedSum]):
    """What blocks of one sort have cost together."""

    TITLE = "carried by"
    KIND = SessionPage
    HELP = """
    # Carried cost
    What stands in a context is sent again with each request. A block's carried cost is its tokens
    in all prompts that held it, at what each of those requests really paid for a token of its
    prompt: its own mix of cache reads, cache writes and new input.

    * `left` `right` sum up by part and tool, by tool, or by MCP server
    * `enter` lists only these blocks, or all again
    * `d` takes the whole day in place of this session
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "by(-1)", "Sums before", show=False, id="carried.before",
                tooltip="Sum up carried cost by something else"),
        Binding("right", "by(1)", "Next sums", show=False, id="carried.next",
                tooltip="Sum up carried cost by something else"),
    ]  # fmt: skip

    way = PART
    chosen: str | None = None
    """Name of the sum whose blocks are listed; None lists all."""

    def columns(self) -> Sequence[TableColumn[CarriedSum]]:
        """Return the columns, from left to right."""
        return (
            TableColumn(self.way, 14, self._sum_name, most=30),
            TableColumn("cost", 9, _sum_cost, right=True, order=lambda one: one.nano),
            TableColumn("tokens", 7, _sum_tokens, rank=1, right=True,
                        order=lambda one: one.tokens),
            TableColumn("blocks", 6, _sum_blocks, rank=2, right=True,
                        order=lambda one: one.blocks),
        )  # fmt: skip

    def rows_of(self, content: SessionPage) -> Sequence[CarriedSum]:
        """Return the sums in the chosen way, the costliest first."""
        part = carried_part(content)
        return () if part is None else by_name(part.sums, self.way)

    def key_of(self, row: CarriedSum) -> str:
        """Return what was summed up."""
        return f"{row.part}\0{row.name}"

    def why_empty(self, content: SessionPage) -> str:
        """Say why there is no row."""
        return why_none(content, self.way)

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how it is summed up."""
        return [("carried by ", inks.text), (self.way, inks.accent)]

    def action_by(self, steps: int) -> None:
        """Sum up by something else."""
        self.way = WAYS[(WAYS.index(self.way) + steps) % len(WAYS)]
        self.taken()
        self.redraw()

    def choose(self, row: CarriedSum, blocks: CarriedBlocks) -> None:
        """Let a list have only the blocks of a sum, or all again."""
        key = self.key_of(row)
        self.chosen = None if self.chosen == key else key
        blocks.narrow(row if self.chosen else None, self.way)
        self.redraw()

    def _sum_name(self, one: CarriedSum, width: int, inks: Inks) -> Line:
        chosen = self.chosen == self.key_of(one)
        return text_cell(("▸ " if chosen else "") + sum_name(one, self.way), width,
                         inks.accent if chosen else inks.text)  # fmt: skip

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what is summed up."""
        return (
            "All blocks, also those that are not listed one by one; answers and thinking are left "
            "out. Sizes are estimates where the growth of a prompt is not one block's own.",
        )


class CarriedBlocks(Table[SessionPage, Carried]):
    """The blocks that cost most."""

    TITLE = "carried cost"
    KIND = SessionPage
    HELP = """
    # The heaviest blocks
    What one tool result, file, paste or attachment has cost since it entered the context, the
    costliest first: its tokens (≈ where they are shared out by estimates), in how many prompts it
    stood, and `●` while the last prompt still holds it.

    * `enter` shows its record in the log; of another session's block, that session
    * `d` takes the whole day in place of this session
    """

    only: CarriedSum | None = None
    """What was chosen of the sums; None lists all."""
    way = PART

    def columns(self) -> Sequence[TableColumn[Carried]]:
        """Return the columns, from left to right."""
        zone = self.snapshot.zone if self.snapshot else "UTC"
        is_day = self.content is not None and self.content.day is not None
        whose = (
            (TableColumn("whose", 8, self._whose, rank=5),) if is_day or self._has_agents else ()
        )
        return (
            TableColumn("entered", 8, partial(_entered, zone), rank=3,
                        order=lambda one: one.block.instant_ms),
            *whose,
            TableColumn("what", 14, _what, most=40),
            TableColumn("tokens", 7, _tokens, rank=1, right=True, order=lambda one: one.tokens),
            TableColumn("times", 5, _times, rank=2, right=True, order=lambda one: one.requests),
            TableColumn("cost", 9, _cost, right=True, order=lambda one: one.nano),
            TableColumn("", 1, _held, rank=4),
        )  # fmt: skip

    def narrow(self, only: CarriedSum | None, way: str) -> None:
        """List only the blocks of a sum that was made in a way; None lists all."""
        self.only, self.way = only, way
        self.taken()
        self.redraw()

    @property
    def _has_agents(self) -> bool:
        return self.content is not None and len(self.content.lanes) > 1

    def _whose(self, one: Carried, width: int, inks: Inks) -> Line:
        is_here = self.content is not None and one.chain.session == self.content.chain.session
        name = one.chain.agent or ("main" if is_here else one.chain.session)
        return text_cell(name, width, inks.muted)

    def rows_of(self, content: SessionPage) -> Sequence[Carried]:
        """Return the blocks, the costliest first."""
        part = carried_part(content)
        if part is None:
            return ()
        if self.only is None:
            return part.blocks
        return [one for one in part.blocks if one.is_of(self.only, self.way)]

    def key_of(self, row: Carried) -> str:
        """Return whose block it is, and which."""
        return "\0".join((*row.chain, str(row.block.number), str(row.block.offset)))

    def why_empty(self, content: SessionPage) -> str:
        """Say why there is no row."""
        return why_none(content, PART)

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return of what the blocks are."""
        page = self.content
        line: Line = [("carried cost", inks.text)]
        if page is None:
            return line
        if page.day is not None:
            day = page.day
            every = counted(day.sessions, "session is", "sessions are")
            told = f" · the day · {day.told:,} of {every} read in detail"
            if not day.is_whole:
                told = f" · the day · {day.looked:,} of {counted(day.sessions, 'session')} …"
            line.append((told, inks.muted))
        else:
            line.append((" · this session", inks.muted))
        if self.only is not None:
            line.append((f" · {sum_name(self.only, self.way)}", inks.accent))
        return line

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say how the cost is made."""
        return (
            "A block's tokens times what each later request of its context paid for a token of "
            "its prompt, up to a compaction: cache reads, writes and input as that request had "
            "them, at the prices it was priced at. The request in which it entered counts too.",
            "Requests without a price are left out, and marked +?.",
        )


def carried_part(content: SessionPage) -> CarriedPart | None:
    """Return what is carried: of the day where that was asked for, else of the session."""
    if content.day is not None:
        return content.day.part
    return content.inside.carried if content.inside else None


def why_none(content: SessionPage, way: str) -> str:
    """Say why nothing is carried."""
    if content.day is not None and not content.day.is_whole:
        return "reading …"
    told = words.reading_words(content)
    if content.day is None and (told or carried_part(content) is None):
        return told or "working it out …"
    return "no MCP server was used" if way == SERVER else "nothing was carried"


def sum_name(one: CarriedSum, way: str) -> str:
    """Return what a sum is called."""
    if way == PART:
        return words.block_name(one.part, one.name)
    return words.tool_name(one.name) if one.name else words.PARTS[one.part]


def _sum_cost(one: CarriedSum, width: int, inks: Inks) -> Line:
    text = cache_words.amount(one.nano, one.unpriced, width)
    return text_cell(text, width, inks.warning if one.unpriced else inks.strong, right=True)


def _sum_tokens(one: CarriedSum, width: int, inks: Inks) -> Line:
    return text_cell(f"≈{fmt.count(one.tokens)}", width, inks.text, right=True)


def _sum_blocks(one: CarriedSum, width: int, inks: Inks) -> Line:
    return text_cell(f"{one.blocks:,}", width, inks.muted, right=True)


def _entered(zone: str, one: Carried, width: int, inks: Inks) -> Line:
    return text_cell(time_text(one.block.instant_ms, zone, with_day=False), width, inks.muted)


def _what(one: Carried, width: int, inks: Inks) -> Line:
    error = " (error)" if one.block.is_error else ""
    return text_cell(words.block_name(one.block.part, one.block.tool) + error, width, inks.text)


def _tokens(one: Carried, width: int, inks: Inks) -> Line:
    mark = "" if one.is_measured else "≈"
    return text_cell(f"{mark}{fmt.count(one.tokens)}", width, inks.text, right=True)


def _times(one: Carried, width: int, inks: Inks) -> Line:
    return text_cell(f"{one.requests:,}", width, inks.text, right=True)


def _cost(one: Carried, width: int, inks: Inks) -> Line:
    if one.unpriced and not one.nano:
        return text_cell(fmt.UNPRICED, width, inks.warning, right=True)
    more = "+?" if one.unpriced else ""
    text = f"≈{fmt.money(one.nano, 3)}{more}"
    if len(text) > width:
        text = f"≈{fmt.narrow_money(one.nano, width - 1 - len(more))}{more}"
    return text_cell(text, width, inks.strong, right=True)


def _held(one: Carried, width: int, inks: Inks) -> Line:
    return text_cell("●" if one.is_held else "", width, inks.good)
