"""The facts of the newest picture, and how much of them the next one can take over."""

from __future__ import annotations

import time
from itertools import count
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from tokwatch.analysis.facts import Facts
from tokwatch.ingest.followed import LiveStatus
from tokwatch.monitor.gather import Question, gather
from tokwatch.store.view import View

_VERSIONS: Final = count(1)
PAST_KEPT_S: Final = 1.0
"""While history is read, days before today are that old at most; else they are as the store."""


class KeptFacts(Struct):
    """Gathers facts again and again; what did not change since the last time is not read."""

    facts: Facts | None = None
    past: int | None = None
    """Another number once a day before today has changed; None where another process may write."""
    _version: int = field(default_factory=lambda: next(_VERSIONS))
    _day: int | None = None
    """The one that is shown; what is before it is the past."""
    _read_s: float = 0.0
    """When the days before today were read, by the steady clock."""
    _is_old: bool = False
    """Whether they have changed since."""

    def again(
        self, view: View, question: Question, changed_ms: int, status: LiveStatus
    ) -> Facts | None:
        """Return the facts of a moment; nothing before an instant changed since the last time."""
        before, self.facts = self._known(changed_ms, status), None  # None should the reading fail
        if before is None:
            self._read_s, self._is_old = time.monotonic(), False
        else:  # what is read anew in any case goes before its successor comes
            before = replace(before, recent=(), sessions=(), chart=(), hidden={})
        self.facts = found = gather(view, question, before, changed_ms)
        day = None if found is None else found.calendar.day(found.at_ms)
        if day != self._day:
            self._day, self._version = day, next(_VERSIONS)
        # Into a server's store other machines write as well.
        is_known = status.follower_of is None and not view.database.postgres
        self.past = self._version if is_known else None
        return found

    def _known(self, changed_ms: int, status: LiveStatus) -> Facts | None:
        """Return the facts before while the days before today count as unchanged."""
        if self.facts is None or status.follower_of is not None:
            self._version = next(_VERSIONS)
            return None
        calendar = self.facts.calendar
        if changed_ms < calendar.begin_ms(calendar.day(self.facts.at_ms)):
            self._version = next(_VERSIONS)
            self._is_old = True
        is_recent = time.monotonic() - self._read_s < PAST_KEPT_S
        if self._is_old and not (status.progress is not None and is_recent):
            return None
        return self.facts
