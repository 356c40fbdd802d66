"""The live feed as a table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from tokwatch.analysis.calendar import instant
from tokwatch.model import EventFact
from tokwatch.pages.feed import FeedPage
from tokwatch.snapshot import Snapshot
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell


def _time(zone: str, event: EventFact, width: int, inks: Inks) -> Line:
    at = instant(event.instant_ms).astimezone(fmt.zone(zone))
    return text_cell(f"{at:%H:%M:%S}", width, inks.muted)


def _source(event: EventFact, width: int, inks: Inks) -> Line:
    return text_cell(event.scope.source, width, inks.muted)


def _session(event: EventFact, width: int, inks: Inks) -> Line:
    name = event.scope.session[:8] + (" └ agent" if event.scope.agent else "")
    return text_cell(name, width, inks.text)


def _project(event: EventFact, width: int, inks: Inks) -> Line:
    return text_cell(fmt.short_project(event.scope.project) or fmt.NOTHING, width, inks.text)


def _model(event: EventFact, width: int, inks: Inks) -> Line:
    return text_cell(fmt.short_model(event.model.name) or fmt.NOTHING, width, inks.text)


def _count(name: str, event: EventFact, width: int, inks: Inks) -> Line:
    number: int = getattr(event.usage, name)
    ink = inks.text if number else inks.muted
    return text_cell(fmt.count(number) if number else fmt.NOTHING, width, ink, right=True)


def _cost(event: EventFact, width: int, inks: Inks) -> Line:
    text = fmt.cost(event.usage.auto_nano, event.usage, width)
    ink = inks.warning if event.usage.uncosted_tokens else inks.strong
    return text_cell(text, width, ink, right=True)


class FeedLines(Table[FeedPage, EventFact]):
    """One line a request."""

    TITLE = "feed"
    KIND = FeedPage
    HELP = """
    # Feed
    One line for each request, the newest first: who made it, what it sent and got, and what it
    cost. Enter opens it.
    """

    def columns(self) -> Sequence[TableColumn[EventFact]]:
        """Return the columns, from left to right."""
        zone = self.snapshot.zone if self.snapshot else "UTC"
        return (
            TableColumn("time", 8, partial(_time, zone), order=lambda event: event.instant_ms),
            TableColumn("source", 11, _source, rank=6),
            TableColumn("session", 16, _session, rank=4),
            TableColumn("project", 10, _project, rank=3, most=24),
            TableColumn("model", 10, _model, rank=1, most=22),
            TableColumn("input", 7, partial(_count, "input"), rank=2, right=True,
                        order=lambda event: event.usage.input),
            TableColumn("read", 7, partial(_count, "cache_read"), rank=2, right=True,
                        order=lambda event: event.usage.cache_read),
            TableColumn("written", 7, partial(_count, "cache_write"), rank=5, right=True,
                        order=lambda event: event.usage.cache_write),
            TableColumn("output", 7, partial(_count, "output"), rank=2, right=True,
                        order=lambda event: event.usage.output),
            TableColumn("cost", 9, _cost, right=True, order=lambda event: event.usage.auto_nano),
        )  # fmt: skip

    def rows_of(self, content: FeedPage) -> Sequence[EventFact]:
        """Return the requests, the newest first."""
        return content.events

    def key_of(self, row: EventFact) -> str:
        """Return the event's key."""
        return str(row.key)

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how many lines there are."""
        return [("feed", inks.text), (f" · {len(self.rows):,} requests", inks.muted)]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what a line is."""
        return (
            "Each line is one event of the store: one billed request, as its log tells it. "
            "Input is what was not read from or written to the cache.",
        )
