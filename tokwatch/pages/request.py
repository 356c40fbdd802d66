"""One request: every stored fact, and where asked for its record in the log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct

from tokwatch.analysis.feed import context_of
from tokwatch.audit.raw import RawRecord, raw_record
from tokwatch.model.event import Grade
from tokwatch.model.snapshot import Context
from tokwatch.model.stored import EventFact
from tokwatch.model.usage import Usage
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight
from tokwatch.sources import source_named
from tokwatch.store.read.every import StoredRequest, stored_request

RAW_KEPT_MS: Final = 60_000
"""A record is read again after so long: its log may be gone."""
ELSEWHERE: Final = RawRecord(problem="The log is on another machine.")


class RequestPage(Struct, frozen=True):
    """A request, or that it is no longer stored."""

    stored: StoredRequest | None
    context: Context | None = None
    raw: RawRecord | None = None
    """Its record; None while it was not asked for."""


@dataclass(frozen=True, slots=True)
class RequestAsk:
    """Asks for one request by the key of its event."""

    key: int
    shows_raw: bool = False
    memory: Memory = field(default_factory=Memory, compare=False, repr=False)

    def answer(self, sight: Sight) -> RequestPage:
        """Return what is stored of the request."""
        stored = stored_request(sight.view, self.key)
        if stored is None:
            return RequestPage(None)
        raw = self._raw(sight, stored) if self.shows_raw else None
        return RequestPage(stored, context_of(_event(stored), None, sight.rows), raw)

    def _raw(self, sight: Sight, stored: StoredRequest) -> RawRecord:
        place = stored.evidence.place
        if not place.is_here:
            return ELSEWHERE
        return self.memory.recall(
            "raw",
            (place.path, place.offset),
            sight.now_ms,
            RAW_KEPT_MS,
            lambda: raw_record(
                place.path, place.offset, source=source_named(stored.evidence.scope.source)
            ),
        )


def _event(stored: StoredRequest) -> EventFact:
    """Return the request as lists have it, as far as its context needs it."""
    one = stored.evidence
    usage = Usage(
        requests=one.requests,
        input=one.input or 0,
        cache_read=one.cache_read or 0,
        cache_write_5m=one.cache_write_5m or 0,
        cache_write_1h=one.cache_write_1h or 0,
        derived=one.requests if one.place.grade is Grade.DERIVED else 0,
    )
    return EventFact(
        *(one.key, one.at_ms, one.scope, one.model, usage, stored.window),
        *(one.place.path, one.place.offset),
    )
