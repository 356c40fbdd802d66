"""The breaks: which request did not find its prefix in the cache, why, and what that cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from tokwatch.analysis.calendar import instant
from tokwatch.model.caching import AVOIDABLE, Break, Cause
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.cache import CachePage
from tokwatch.ui import cache_words as words
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, width_of
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell

HINTS: Final = {
    Cause.FIRST: "nothing before it",
    Cause.COMPACTION: "a summary is new",
    Cause.SWITCH: "each model has its own",
    Cause.IDLE: "longer than it lives",
    Cause.PREFIX: "warm, yet not read",
    Cause.MISSED: "warm, yet not read",
}
"""What each cause means, in a few words, where there is room."""


def _time(zone: str, now: datetime, one: Break, width: int, inks: Inks) -> Line:
    there = instant(one.at_ms).astimezone(fmt.zone(zone))
    is_today = there.date() == now.astimezone(fmt.zone(zone)).date()
    return text_cell(f"{there:%H:%M:%S}" if is_today else f"{there:%d %b %H:%M}", width, inks.muted)


def _session(one: Break, width: int, inks: Inks) -> Line:
    return text_cell(words.agent(one.chain), width, inks.text)


def _project(one: Break, width: int, inks: Inks) -> Line:
    return text_cell(fmt.short_project(one.project) or fmt.NOTHING, width, inks.text)


def _model(one: Break, width: int, inks: Inks) -> Line:
    return text_cell(fmt.short_model(one.model) or fmt.NOTHING, width, inks.text)


def _cause(one: Break, width: int, inks: Inks) -> Line:
    ink = inks.warning if one.cause in AVOIDABLE else inks.muted
    name = one.cause.value
    if one.cause is Cause.IDLE:
        name = f"idle > {'1 h' if one.ttl_ms > 600_000 else '5 min'}"
    line: Line = [(fmt.fit(name, min(width, 15)), ink)]
    room = width - width_of(line) - 1
    hint = HINTS[one.cause] if room >= 22 else ""
    return [*line, (fmt.fit(f" {hint}" if hint else "", width - width_of(line)), inks.muted)]


def _idle(one: Break, width: int, inks: Inks) -> Line:
    text = fmt.NOTHING if one.cause is Cause.FIRST else words.pause(one.idle_ms)
    ink = inks.warning if one.cause is Cause.IDLE else inks.text
    return text_cell(text, width, ink, right=True)


def _tokens(one: Break, width: int, inks: Inks) -> Line:
    text = fmt.count(one.rewritten) if one.rewritten else fmt.NOTHING
    return text_cell(text, width, inks.text, right=True)


def _lost(one: Break, width: int, inks: Inks) -> Line:
    if one.cause is Cause.FIRST:
        return text_cell(fmt.NOTHING, width, inks.muted, right=True)
    if one.lost_nano is None:
        return text_cell(fmt.UNPRICED, width, inks.warning, right=True)
    return text_cell(fmt.narrow_money(one.lost_nano, width), width, inks.strong, right=True)


class CacheBreaks(Table[CachePage, Break]):
    """One line a break, the costliest first."""

    TITLE = "breaks"
    KIND = CachePage
    HELP = """
    # Why the cache broke
    One line for each request that read less than nine tenths of what the request before it, of
    the same agent, had in the cache, and at least 1,024 tokens less.

    * **idle**: the pause was longer than the writes live, five minutes or an hour
    * **model switched**: each model has a cache of its own
    * **compaction**: the conversation was replaced by a summary
    * **prefix changed**: still warm; system prompt, tools or history are not what was written
    * **provider's miss**: the same where a provider caches by itself, and may also have missed
    * **first request** of an agent: nothing was lost

    `s` sorts by the next column, `enter` goes to the session.
    """

    def columns(self) -> Sequence[TableColumn[Break]]:
        """Return the columns, from left to right."""
        zone = self.snapshot.zone if self.snapshot else "UTC"
        return (
            TableColumn("time", 12, partial(_time, zone, self.now),
                        order=lambda one: one.at_ms),
            TableColumn("session", 16, _session, rank=3),
            TableColumn("project", 10, _project, rank=4, most=20),
            TableColumn("model", 10, _model, rank=5, most=18),
            TableColumn("why", 15, _cause, most=42),
            TableColumn("idle", 6, _idle, rank=1, right=True, order=lambda one: one.idle_ms),
            TableColumn("sent again", 10, _tokens, rank=2, right=True,
                        order=lambda one: one.rewritten),
            TableColumn("lost", 8, _lost, right=True, order=lambda one: one.lost_nano or 0),
        )  # fmt: skip

    def rows_of(self, content: CachePage) -> Sequence[Break]:
        """Return the breaks, the costliest first."""
        return content.breaks

    def key_of(self, row: Break) -> str:
        """Return the request's key."""
        return str(row.key)

    def why_empty(self, content: CachePage) -> str:
        """Say why nothing is listed."""
        if not content.is_whole:
            return "none so far; the rest of the range is being read"
        return "no cache broke in this range; } widens it, [ goes back"

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how many breaks there are of each cause."""
        line: Line = [("breaks", inks.text)]
        if self.content is None:
            return line
        causes = self.content.causes
        count = sum(one.breaks for cause, one in causes.items() if cause is not Cause.FIRST)
        line.append((f" · {count:,}", inks.muted))
        listed = sum(one.cause is not Cause.FIRST for one in self.content.breaks)
        if listed < count:
            line.append((f" · the costliest {listed:,} are listed", inks.muted))
        for cause in sorted(causes, key=lambda cause: -causes[cause].lost_nano):
            one = causes[cause]
            told: Line = [(f" · {cause.value} {one.breaks:,}", inks.muted)]
            if one.lost_nano:
                ink = inks.warning if cause in AVOIDABLE else inks.muted
                told.append((f" {fmt.money(one.lost_nano)}", ink))
            if width_of(line) + width_of(told) <= self.size.width - 8:
                line += told
        return line

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say how a break is found and priced."""
        return (
            "A cache broke where a request read less than nine tenths of what the one before it, "
            "of the same agent, left there, and at least 1,024 tokens less. What was left is "
            "what that request read and wrote; where a provider caches by itself, its prompt.",
            "The first cause that fits is told: compaction, model switched, idle, prefix changed. "
            "A compaction is known from the log, else from a prompt of less than half the size.",
            "Lost is what the tokens that were sent again cost as writes or as input, less what "
            "reading them would have cost.",
        )
