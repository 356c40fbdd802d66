"""What the contexts of a day carried: each session's blocks, for the requests of that day."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, NamedTuple

from msgspec import Struct, field

from tokwatch.analysis.carried import CarriedPart, carried, joined
from tokwatch.analysis.composition import composition
from tokwatch.analysis.timeline import course
from tokwatch.model.caching import Chain
from tokwatch.model.session import SessionRequest
from tokwatch.model.usage import Slice
from tokwatch.pages.sight import Sight
from tokwatch.store.read.every import activity, detail_logs, session_detail, session_requests

MOST_SESSIONS: Final = 100
"""Sessions of a day that are looked at, the ones used last."""
LOOKED_KEPT_MS: Final = 10_000
"""How often it is looked whether more was read of a session's logs."""


class CarriedDay(NamedTuple):
    """What was carried on one day."""

    day: int
    """In days since 1970-01-01."""
    part: CarriedPart
    sessions: int
    """Used on the day."""
    looked: int
    """How many of them have been looked at."""
    told: int
    """How many of those have their logs read in detail."""

    @property
    def is_whole(self) -> bool:
        """Whether all sessions of the day have been looked at."""
        return self.looked >= min(self.sessions, MOST_SESSIONS)


class _Looked(NamedTuple):
    """One session of the day."""

    key: Hashable
    looked_ms: int
    part: CarriedPart
    is_told: bool


class DayKept(Struct):
    """What was made of a day's sessions; each answer looks at one more."""

    day: Hashable = None
    sessions: dict[tuple[str, str], _Looked] = field(default_factory=dict)

    def answer(self, sight: Sight) -> CarriedDay:
        """Return what is known of the day of the shown moment."""
        day = sight.calendar.day(sight.at_ms)
        part = Slice(sight.calendar.begin_ms(day), sight.at_ms + 1)
        asked = (day, sight.mode, sight.view.user, sight.view.workspace)
        if asked != self.day:
            self.day, self.sessions = asked, {}
        used = sorted(activity(sight.view, part), key=lambda one: -one.last_ms)
        for one in used[:MOST_SESSIONS]:
            name = (one.source, one.session)
            known = self.sessions.get(name)
            key = _key(sight, name, one.last_ms, known)
            if known is None or known.key != key:
                self.sessions[name] = _look(sight, name, part, key)
                break
            if known.looked_ms != sight.now_ms and _is_due(sight, known):
                self.sessions[name] = known._replace(looked_ms=sight.now_ms)
        found = [self.sessions[name] for name in self.sessions]
        return CarriedDay(
            *(day, joined([one.part for one in found])),
            sessions=len(used),
            looked=len(found),
            told=sum(one.is_told for one in found),
        )


def _is_due(sight: Sight, known: _Looked) -> bool:
    return not 0 <= sight.now_ms - known.looked_ms < LOOKED_KEPT_MS


def _key(sight: Sight, name: tuple[str, str], last_ms: int, known: _Looked | None) -> Hashable:
    """Return what differs once a session went on, or more of its logs was read."""
    if known is not None and not _is_due(sight, known):
        assert isinstance(known.key, tuple)
        return (last_ms, known.key[1])
    logs = detail_logs(sight.view, *name)
    return last_ms, sum(log.read_bytes for log in logs)


def _look(sight: Sight, name: tuple[str, str], part: Slice, key: Hashable) -> _Looked:
    source, session = name
    detail = session_detail(sight.view, source, session)
    chains: dict[Chain, list[SessionRequest]] = {}
    if detail.blocks:
        for request in session_requests(sight.view, source, (session,), part.until_ms):
            chains.setdefault(request.cached.chain, []).append(request)
    parts = []
    for chain, requests in chains.items():
        of = course(requests, [one for one in detail.compactions if one.agent == chain.agent])
        made = composition(of, [one for one in detail.blocks if one.agent == chain.agent])
        parts.append(carried(of, made, chain, sight.mode, part.since_ms, part.until_ms))
    return _Looked(key, sight.now_ms, joined(parts), bool(detail.blocks))
