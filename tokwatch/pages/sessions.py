"""Every session of the shown range, with its agents: what the overview has no room for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.analysis.facts import Facts
from tokwatch.analysis.session_rows import session_rows
from tokwatch.model.snapshot import SessionRow, Span
from tokwatch.model.units import DAY_MS, HOUR_MS
from tokwatch.model.usage import Slice
from tokwatch.monitor.hidden_calls import hidden_of
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight
from tokwatch.store.read.every import bounds, count_sessions, sessions, spent
from tokwatch.store.view import ALL

LONG_MS: Final = 2 * DAY_MS
LONG_KEPT_MS: Final = 3_000
"""So long the list of a range of many days is kept: there may be thousands of lines."""
MOST: Final = 2_000
"""Sessions that are listed, the newest; a shorter range, moved back, shows the older ones."""


FIRST: Final = 200
"""So many are in the first answer of a range; the second one has them all."""


class SessionsPage(Struct, frozen=True):
    """The lines of the list, and how many sessions there are in all."""

    rows: tuple[SessionRow, ...]
    count: int
    goes_on: bool = False
    """Whether the next answer lists more."""


@dataclass(frozen=True, slots=True)
class SessionsAsk:
    """Asks for every session of the range."""

    memory: Memory = field(default_factory=Memory, compare=False, repr=False)

    def answer(self, sight: Sight) -> SessionsPage:
        """Return the sessions, the newest first; of a long range they are seconds old at most."""
        part = sight.slice
        first = None
        if not self.memory.is_begun((sight.view.database.name, sight.span)):
            first = self._made(sight, FIRST)
            if first.count > FIRST:
                return replace(first, goes_on=True)
        past_ms = sight.at_ms if sight.at_ms < sight.now_ms else None
        return self.memory.recall(
            "page",
            (sight.view.database.name, part.since_ms, past_ms, sight.rows),
            sight.now_ms,
            LONG_KEPT_MS if part.until_ms - part.since_ms > LONG_MS else 0,
            lambda: first or self._made(sight, MOST),
        )

    def _made(self, sight: Sight, most: int) -> SessionsPage:
        part = sight.slice
        if sight.span is Span.ALL and (newest := bounds(sight.view)) and newest[1] <= sight.at_ms:
            part = ALL
        found = sessions(sight.view, part, most)
        hour = Slice(sight.at_ms - HOUR_MS, sight.at_ms + 1)
        facts = Facts(
            at_ms=sight.at_ms,
            calendar=sight.calendar,
            day=sight.calendar.day(sight.at_ms),
            recent=tuple(spent(sight.view, hour, sight.mode)),
            sessions=tuple(found),
            hidden=hidden_of(sight.view, found, sight.at_ms),
        )
        listed = len({(fact.source, fact.session) for fact in found})
        count = listed if listed < most else count_sessions(sight.view, part)
        return SessionsPage(session_rows(facts, sight.rows), count)
