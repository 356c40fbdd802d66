"""Every session of the shown range, with its agents: what the overview has no room for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tokwatch.analysis.facts import Facts
from tokwatch.analysis.ranges import HOUR_MS
from tokwatch.analysis.session_rows import session_rows
from tokwatch.hidden_calls import hidden_of
from tokwatch.model import Slice
from tokwatch.pages.sight import Sight
from tokwatch.snapshot import SessionRow
from tokwatch.store.read import count_sessions, sessions, spent

MOST: Final = 2_000
"""Sessions that are listed, the newest; a shorter range, moved back, shows the older ones."""


@dataclass(frozen=True, slots=True)
class SessionsPage:
    """The lines of the list, and how many sessions there are in all."""

    rows: tuple[SessionRow, ...]
    count: int


@dataclass(frozen=True, slots=True)
class SessionsAsk:
    """Asks for every session of the range."""

    def answer(self, sight: Sight) -> SessionsPage:
        """Return the sessions, the newest first."""
        found = sessions(sight.view, sight.slice, MOST)
        hour = Slice(sight.at_ms - HOUR_MS, sight.at_ms + 1)
        facts = Facts(
            at_ms=sight.at_ms,
            calendar=sight.calendar,
            day=sight.calendar.day(sight.at_ms),
            recent=tuple(spent(sight.view, hour, sight.mode)),
            sessions=tuple(found),
            hidden=hidden_of(sight.view, found),
        )
        listed = len({(fact.source, fact.session) for fact in found})
        count = listed if listed < MOST else count_sessions(sight.view, sight.slice)
        return SessionsPage(session_rows(facts, sight.rows), count)
