"""The requests of a slice of the spending, one by one."""

from __future__ import annotations

from collections.abc import Sequence

from tokwatch.model.snapshot import Snapshot
from tokwatch.model.stored import EventFact
from tokwatch.pages.costs import MOST_REQUESTS, CostsPage
from tokwatch.ui import facet_words as words
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.request_columns import event_columns, mode_of
from tokwatch.ui.widgets.table import Table, TableColumn
from tokwatch.words import counted


class SliceRequests(Table[CostsPage, EventFact]):
    """One line for each of the newest requests of the slice."""

    TITLE = "requests"
    KIND = CostsPage
    HELP = """
    # Requests
    The newest requests of the slice, one by one. `enter` opens one: every stored fact, and its
    record in the log. `escape` goes back to the table.
    """

    def columns(self) -> Sequence[TableColumn[EventFact]]:
        """Return the columns, from left to right."""
        zone = self.snapshot.zone if self.snapshot else "UTC"
        return event_columns(zone, mode_of(self.app), with_day=True)

    def rows_of(self, content: CostsPage) -> Sequence[EventFact]:
        """Return the requests, the newest first."""
        return content.events or ()

    def key_of(self, row: EventFact) -> str:
        """Return the event's key."""
        return str(row.key)

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return what was picked, and how many of how many are listed."""
        content = self.content
        if content is None:
            return [(self.TITLE, inks.text)]
        every = content.table.amount.requests
        listed = len(self.rows)
        more = f"the newest {listed:,} of {every:,}" if listed >= MOST_REQUESTS else f"{every:,}"
        return [
            ("costs", inks.text),
            (words.trail(content.picks), inks.accent),
            (f" {words.INTO} requests · {more}", inks.muted),
        ]

    def foot(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Say how many requests of the slice are not listed because only sums of them are kept."""
        if self.content is None or len(self.rows) >= MOST_REQUESTS:
            return []
        listed = sum(event.usage.requests for event in self.rows)
        missing = self.content.table.amount.requests - listed
        if missing <= 0:
            return []
        return [
            (f"{counted(missing, 'request')} pruned: only sums of older ones are kept", inks.muted)
        ]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what a line is."""
        return (
            "Each line is one event of the store: one billed request, as its log tells it, or "
            "the sum of some where the log tells no more.",
            "New is what was neither read from the cache nor written to it. The cost is the one "
            "that counts by the setting prices.mode.",
        )
