"""The live feed as a table: requests as they land, agents that start and finish."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from tokwatch.analysis.feed import FeedLine, What
from tokwatch.model.snapshot import Snapshot
from tokwatch.model.units import NANO
from tokwatch.model.usage import Usage
from tokwatch.pages.feed import MOST, FeedPage
from tokwatch.ui import format as fmt
from tokwatch.ui.budget_words import amount
from tokwatch.ui.filtering import Language
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.request_columns import cost_column, count_columns, mode_of, time_text
from tokwatch.ui.widgets.session_columns import share_of
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell
from tokwatch.words import counted

GLYPHS: Final = {
    What.REQUEST: " ",
    What.FLIGHT: "…",
    What.STARTED: "+",
    What.FINISHED: "✓",
    What.QUIET: "○",
    What.ENDED: "·",
}
"""Tells lines about agents from requests without colour."""

LANGUAGE: Final[Language[FeedLine]] = Language(
    words=lambda line: (
        *(line.scope.source, line.scope.session, line.scope.agent, line.scope.project),
        *(line.model.name, line.kind, line.what),
    ),
    fields={
        "model": lambda line: line.model.name,
        "project": lambda line: line.scope.project,
        "source": lambda line: line.scope.source,
        "session": lambda line: line.scope.session,
        "agent": lambda line: f"{line.kind} {line.scope.agent}",
        "state": lambda line: line.what,
    },
    numbers={
        "cost": lambda line: line.usage.auto_nano / NANO,
        "context": lambda line: line.context.share * 100 if line.context else None,
        "cache": lambda line: None if line.usage.hit_rate is None else line.usage.hit_rate * 100,
        "tokens": lambda line: line.usage.total,
        "out": lambda line: line.usage.output,
    },
)


def _time(zone: str, with_day: bool, line: FeedLine, width: int, inks: Inks) -> Line:
    return text_cell(time_text(line.at_ms, zone, with_day=with_day), width, inks.muted)


def _what(line: FeedLine, width: int, inks: Inks) -> Line:
    glyph = GLYPHS[line.what]
    name = line.kind if line.what is What.REQUEST else f"{line.kind} {line.what}"
    ink = inks.text if line.what is What.REQUEST else inks.accent
    return [(f"{glyph} "[:width], ink), *text_cell(name, max(0, width - 2), ink)]


def _of(field: Callable[[FeedLine], str], line: FeedLine, width: int, inks: Inks) -> Line:
    text = field(line)
    return text_cell(text or fmt.NOTHING, width, inks.text if text else inks.muted)


def _source(line: FeedLine, width: int, inks: Inks) -> Line:
    return text_cell(line.scope.source, width, inks.muted)


def _context(line: FeedLine, width: int, inks: Inks) -> Line:
    context = line.context
    if context is None:
        return text_cell("", width, inks.muted)
    mark = {"warning": "!", "critical": "!!"}.get(context.level, "")
    ink = inks.context.get(context.level, inks.text)
    return text_cell(f"{mark}{share_of(context)}", width, ink, right=True)


def helped_words(line: FeedLine, width: int = 99) -> str:
    """Return what optimised a request, with what that saved where there is room."""
    helped = line.helped
    saved = f" {fmt.money(-helped.saved_nano, 4)}" if helped.saved_nano else ""
    cut = f"-{fmt.count(helped.saved_tokens)} tokens" if helped.saved_tokens else ""
    cache = "gateway cache" if helped.from_cache else ""
    tellings = (
        ", ".join(filter(None, (cache + saved, cut))),
        ", ".join(filter(None, (cache, cut))),
    )
    return next((text for text in tellings if len(text) <= width), cache or cut)


def _left(content: FeedPage, line: FeedLine, width: int, inks: Inks) -> Line:
    """Return what was left of the tightest budget after a request."""
    left = content.left.get(line.key)
    if left is None:
        return text_cell("", width, inks.muted)
    ink = inks.error if left.amount <= 0 else inks.text
    unit = {"tokens": " tok", "requests": " req"}.get(left.unit, "")
    return text_cell(f"{amount(left.amount, left.unit)}{unit}", width, ink, right=True)


def _helped(line: FeedLine, width: int, inks: Inks) -> Line:
    return text_cell(helped_words(line, width), width, inks.good)


def _usage(line: FeedLine) -> Usage | None:
    """Return what a line counts; what is in flight or has just started counts nothing."""
    return None if line.what in (What.FLIGHT, What.STARTED) else line.usage


class FeedLines(Table[FeedPage, FeedLine]):
    """One line a request, and one for each agent that starts or ends."""

    TITLE = "feed"
    KIND = FeedPage
    HELP = """
    # Feed
    One line for each request as it lands, the newest first: who made it, what it sent and got by
    class of tokens, what it cost, how full its context window was, what optimised it, and what
    was left after it of the tightest budget that counts it.

    `+` an agent started · `✓` it finished, with all that it cost · `○` it went quiet · `·` a
    session was not used for an hour · `…` a request is in flight

    `/` filters as for sessions: `opus !docs`, `model:opus`, `agent:explore`, `cost>1`,
    `context>75`, `state:finished`. `enter` opens a request, `p` pauses.
    """

    filter_text = ""
    _with_day = False

    def columns(self) -> Sequence[TableColumn[FeedLine]]:
        """Return the columns, from left to right."""
        zone = self.snapshot.zone if self.snapshot else "UTC"
        named: list[TableColumn[FeedLine]] = []
        if any(helped_words(line) for line in self.rows):
            named.append(TableColumn("helped by", 14, _helped, rank=6, most=30))
        left: list[TableColumn[FeedLine]] = []
        if self.content is not None and self.content.left:
            left.append(TableColumn("budget left", 11, partial(_left, self.content), rank=3,
                                    right=True))  # fmt: skip
        return (
            TableColumn("time", 15 if self._with_day else 8,
                        partial(_time, zone, self._with_day), order=lambda line: line.at_ms),
            TableColumn("source", 11, _source, rank=7),
            TableColumn("agent", 8, _what, rank=1, most=20),
            TableColumn("session", 8, partial(_of, lambda line: line.scope.session[:8]), rank=8),
            TableColumn("project", 10, partial(_of, _project), rank=4, most=18),
            TableColumn("model", 10, partial(_of, _model), rank=2, most=16),
            *count_columns(_usage),
            TableColumn("context", 7, _context, rank=5, right=True,
                        order=lambda line: line.context.share if line.context else -1.0),
            *named,
            cost_column(_usage, mode_of(self.app)),
            *left,
        )  # fmt: skip

    def rows_of(self, content: FeedPage) -> Sequence[FeedLine]:
        """Return the lines that match the filter."""
        tests = LANGUAGE.tests_of(self.filter_text)
        lines = [line for line in content.lines if all(test(line) for test in tests)]
        ends = [line.at_ms for line in lines]
        self._with_day = bool(ends) and max(ends) - min(ends) >= 86_400_000
        return lines

    def filter(self, text: str) -> None:
        """List only what matches."""
        self.filter_text = text
        self.taken()
        self.redraw()

    def key_of(self, row: FeedLine) -> str:
        """Return what identifies the line."""
        return row.key

    def why_empty(self, content: FeedPage) -> str:
        """Say why there is no line, and what to do."""
        if self.filter_text and content.lines:
            return "nothing matches the filter; / changes it, escape drops it"
        return super().why_empty(content)

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how many requests are listed, and by which filter."""
        requests = sum(line.what is What.REQUEST for line in self.rows)
        count = f" · the newest {counted(requests, 'request')}" if requests >= MOST else ""
        told: Line = [
            ("feed", inks.text),
            (count or f" · {counted(requests, 'request')}", inks.muted),
        ]
        flying = sum(line.what is What.FLIGHT for line in self.rows)
        told += [(f" · {flying:,} in flight", inks.accent)] if flying else []
        return told + ([(f" · / {self.filter_text}", inks.accent)] if self.filter_text else [])

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what a line is."""
        return (
            "Each request is one event of the store, as its log tells it. New is what was neither "
            "read from the cache nor written to it. The context is the prompt as a share of the "
            "model's window; ≈ where the window is not told but from a table or inferred.",
            "An agent starts with its first request. A sub-agent has finished when a log tells "
            "that its last turn is answered; it is quiet after five minutes without a request "
            "where none does. A session has ended after an hour without use. The cost beside is "
            "the agent's in all its life, without those beneath it.",
            "Requests in flight are told by few tools, and only while they run.",
        )


def _project(line: FeedLine) -> str:
    return fmt.short_project(line.scope.project)


def _model(line: FeedLine) -> str:
    return fmt.short_model(line.model.name)
