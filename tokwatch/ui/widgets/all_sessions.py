"""The table of every session of the range."""

from __future__ import annotations

from collections.abc import Sequence

from tokwatch.model.snapshot import SessionRow, SessionState, Snapshot
from tokwatch.pages.sessions import SessionsPage
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.sessions import Sessions


class AllSessions(Sessions):
    """Lists what the page holds; until there is one, what the overview shows."""

    page: SessionsPage | None = None

    def all_rows(self) -> Sequence[SessionRow]:
        """Return the rows of the newest page."""
        page = self.snapshot.page if self.snapshot else None
        if page is not None and isinstance(page.content, SessionsPage):
            self.page = page.content
        return self.page.rows if self.page else super().all_rows()

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how many sessions there are, and how many of them are listed."""
        if self.page is None:
            return super().title(snapshot, inks)
        rows = self.page.rows
        live = sum(row.state is SessionState.LIVE and row.depth == 0 for row in rows)
        counts = f" · {self.page.count:,} in range · {live} live"
        listed = len({(row.source, row.session) for row in rows})
        if listed < self.page.count:
            counts += f" · the newest {listed:,} are listed"
        return [("sessions", inks.text), (counts, inks.muted)]
