"""Every configured endpoint and its parts: how the polling does, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.sources import NO_STORE, SourcesPage
from tokwatch.ui import format as fmt
from tokwatch.ui.endpoint_words import (
    BAD,
    GLYPHS,
    EndpointLine,
    lines_of,
    newest_of,
    since,
    told_of,
    until,
)
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell


def _state(line: EndpointLine, width: int, inks: Inks) -> Line:
    word = line.state
    ink = inks.error if word in BAD else inks.good if word == "polled" else inks.muted
    text = inks.error if word in BAD else inks.muted
    return [(f"{GLYPHS[word]} ", ink), (fmt.fit(word, width - 2), text)]


def _name(line: EndpointLine, width: int, inks: Inks) -> Line:
    return text_cell(line.name, width, inks.muted if line.part else inks.text)


def _since(name: str, now_ms: int, line: EndpointLine, width: int, inks: Inks) -> Line:
    told = since(newest_of(line.states, name), now_ms)
    return text_cell(told, width, inks.muted if told == fmt.NOTHING else inks.text, right=True)


def _until(now_ms: int, line: EndpointLine, width: int, inks: Inks) -> Line:
    return text_cell(until(line, now_ms), width, inks.muted, right=True)


def _sum(name: str, line: EndpointLine, width: int, inks: Inks) -> Line:
    number = sum(getattr(state, name) for state in line.states)
    told = fmt.size(number) if name == "bytes" else f"{number:,}"
    return text_cell(told if number else fmt.NOTHING, width, inks.text, right=True)


def _told(line: EndpointLine, width: int, inks: Inks) -> Line:
    return text_cell(
        fmt.clean(told_of(line)), width, inks.error if line.state in BAD else inks.muted
    )


class EndpointList(Table[SourcesPage, EndpointLine]):
    """A line for each endpoint and each of its parts; not there where none is configured."""

    class Paused(Message):
        """The user wants an endpoint left alone, or polled again."""

        def __init__(self, name: str, *, is_over: bool) -> None:
            super().__init__()
            self.name, self.is_over = name, is_over

    TITLE = "endpoints"
    SORTS = False
    KIND = SourcesPage
    EMPTY = NO_STORE
    HELP = """
    # Endpoints
    Every endpoint of `[endpoint.NAME]` and what it offers, part by part. *polled*: it answers;
    *failing*: the last question failed and is asked again soon; *left alone*: it failed five
    times in a row, or in a way that does not pass by itself, so that one question now and then
    finds out whether it answers again; *nothing*: it works and does not offer this.
    *answered*: when it last did; *up to*: how new the newest use is that it told; *next*: when it
    is asked again. *bytes* and *304*: what came over the wire, and how many answers said that
    nothing changed. What endpoints sum up is never added to the requests of logs.

    * `enter` shows all of the endpoint, `T` asks it once, `N` adds one, `E` changes it
    * `v` sets your logs beside what they tell
    * `space` stops polling the endpoint, or goes on
    * `R` asks everything at once, also what is left alone
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "pause", "Pause", id="endpoint.pause",
                tooltip="Stop polling the endpoint, or go on"),
    ]  # fmt: skip

    def columns(self) -> Sequence[TableColumn[EndpointLine]]:
        """Return the columns, from left to right."""
        now_ms = self.content.at_ms if self.content else 0
        return (
            TableColumn("state", 12, _state),
            TableColumn("endpoint", 14, _name, most=24),
            TableColumn("answered", 8, partial(_since, "succeeded_ms", now_ms), rank=1, right=True),
            TableColumn("up to", 6, partial(_since, "newest_ms", now_ms), rank=3, right=True),
            TableColumn("next", 5, partial(_until, now_ms), rank=2, right=True),
            TableColumn("bytes", 8, partial(_sum, "bytes"), rank=5, right=True),
            TableColumn("304", 5, partial(_sum, "unchanged"), rank=5, right=True),
            TableColumn("tells", 14, _told, rank=4, most=120),
        )

    def rows_of(self, content: SourcesPage) -> Sequence[EndpointLine]:
        """Return the endpoints with their parts."""
        return lines_of(content.endpoints)

    def key_of(self, row: EndpointLine) -> str:
        """Return the endpoint's and the part's name."""
        return row.key

    def taken(self) -> None:
        """Be there where there is something to show."""
        super().taken()
        self.display = bool(self.rows)
        self._go()

    _awaited = ""
    """The endpoint to go to once it is listed."""

    def go_to(self, name: str) -> None:
        """Have the focus and the cursor on an endpoint, now or with the next page."""
        self._awaited = name
        self._go()

    def _go(self) -> None:
        if self._awaited and self.rows and self.select(f"{self._awaited}\0"):
            self._awaited = ""
            self.call_after_refresh(self.focus)

    def why_empty(self, content: SourcesPage) -> str:
        """Say why there is none."""
        return "no endpoint is configured: [endpoint.NAME], see docs/gateways.md"

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how many there are, and how many fail."""
        found = self.content.endpoints if self.content else ()
        line: Line = [(f"{self.TITLE} · {len(found)}", inks.text)]
        if failing := sum(one.worst is not None for one in found):
            line.append((f" · {failing} failing", inks.error))
        return line

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what is counted."""
        return (
            "What endpoints tell of themselves: sums of the last 24 hours as their reports have "
            "them, or as their counters grew, and gauges of the last 15 "
            "minutes. None of it is added to the requests that logs tell of; single requests that "
            "an endpoint lists are requests like any other and count once, by the response's id.",
            "Bytes and 304 are counted since the endpoint was first asked, by whichever process "
            "asked it.",
        )

    def action_pause(self) -> None:
        """Stop polling the endpoint under the cursor, or go on."""
        if self.row is not None:
            health = self.row.health
            self.post_message(self.Paused(health.name, is_over=health.is_paused))
