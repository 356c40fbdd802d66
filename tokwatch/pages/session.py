"""One session: its context over time, what fills it, what it cost, who worked for it.

The first answer is made from events alone; what the detail of the logs tells follows in steps.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.analysis.cache_breaks import after, break_of
from tokwatch.analysis.delegation import Lane, lanes
from tokwatch.analysis.facts import Facts
from tokwatch.analysis.owned import fact_of, usage_of
from tokwatch.analysis.session_rows import session_rows
from tokwatch.analysis.sums import total
from tokwatch.analysis.timeline import (
    Course,
    Growth,
    RequestLine,
    Usable,
    course,
    growth,
    request_lines,
    usable,
)
from tokwatch.model.caching import Break, Chain, Warm
from tokwatch.model.detail import Compaction, DetailReading
from tokwatch.model.session import Kin, SessionRequest
from tokwatch.model.snapshot import SessionRow
from tokwatch.model.stored import Spent
from tokwatch.model.units import HOUR_MS
from tokwatch.model.usage import NO_USAGE, CostMode, Usage
from tokwatch.monitor.hidden_calls import hidden_of
from tokwatch.pages.carried_day import CarriedDay, DayKept
from tokwatch.pages.session_detail import Details, Inside
from tokwatch.pages.sight import Sight
from tokwatch.store.read.every import family, requests_mark, session_requests, session_totals

MOST_SESSIONS: Final = 500
"""Sessions of one family that are read."""
RATE_MS: Final = 60_000
"""How often a rate that fades is told anew."""


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """All agents that worked for a session, with their requests up to the moment."""

    kin: tuple[Kin, ...] = ()
    requests: Mapping[Chain, tuple[SessionRequest, ...]] = field(default_factory=dict)
    usages: Mapping[Chain, Usage] = field(default_factory=dict)
    whole: Usage = NO_USAGE
    mark: Hashable = None
    """Equal while nothing of it changed."""

    @property
    def sessions(self) -> tuple[str, ...]:
        """Return the ids of its sessions, the first one's first."""
        return tuple(dict.fromkeys(one.session for one in self.kin))

    def chosen(self, source: str, session: str, agent: str) -> Chain:
        """Return the agent that was asked for, else another one of its session."""
        asked = Chain(source, session, agent)
        if asked in self.requests:
            return asked
        own = (chain for chain in self.requests if chain.session == session)
        return next(iter(sorted(own)), asked)


class SessionPage(Struct, frozen=True, eq=False):
    """One agent of a session, and what it is a part of; while nothing changes, the same object."""

    at_ms: int
    mode: CostMode
    chain: Chain
    """Whose context is shown."""
    row: SessionRow | None
    """Its exact figures; None where nothing is known of it."""
    whole: Usage
    """All agents of the family together."""
    course: Course
    lines: tuple[RequestLine, ...]
    """All its requests, the oldest first."""
    breaks: Mapping[int, Break]
    """Why a request did not find its prompt in the cache, by its key."""
    growth: Growth
    usable: Usable | None
    lanes: tuple[Lane, ...]
    warning: float
    critical: float
    reading: DetailReading | None = None
    """How far the logs are read; None where that is not known."""
    inside: Inside | None = None
    """What the logs tell of its contents; None until they are read."""
    is_whole: bool = False
    """False while there is more to come without anything new."""
    day: CarriedDay | None = None
    """What was carried on the shown day, where that was asked for."""
    pruned_nano: int | None = None
    """What it cost in all, where its requests were pruned and only their sums are left."""

    @property
    def goes_on(self) -> bool:
        """Tell whether more is to come: of what is worked out, or of logs that are being read."""
        return not self.is_whole or (self.reading is not None and not self.reading.is_whole)

    @property
    def losses(self) -> tuple[int, int]:
        """Return how many breaks of the cache cost something, and how much."""
        lost = [one.lost_nano for one in self.breaks.values() if one.lost_nano]
        return len(lost), sum(lost)


@dataclass(slots=True)
class _Kept:
    """What was read of one family, for the answers after the first."""

    family: Family = field(default_factory=Family)
    shown: Chain | None = None
    """Whose first page was given."""
    key: Hashable = None
    page: SessionPage | None = None
    details: Details = field(default_factory=Details)
    day: DayKept = field(default_factory=DayKept)


@dataclass(frozen=True, slots=True)
class SessionAsk:
    """Asks for one session, as one of its agents sees it."""

    source: str
    session: str
    agent: str = ""
    day: bool = False
    """Whether what was carried on the shown day is asked for too."""
    kept: _Kept = field(default_factory=_Kept, compare=False, repr=False)

    @property
    def opened(self) -> tuple[str, str]:
        """Return the session whose logs are to be read at once."""
        return self.source, self.session

    def answer(self, sight: Sight) -> SessionPage:
        """Return the page; each answer after the first adds a part of what takes long."""
        kept = self.kept
        kept.family = found = _family(sight, self.source, self.session, kept.family)
        chain = found.chosen(self.source, self.session, self.agent)
        reading = sight.detail
        if reading is not None and (reading.source, reading.session) != self.opened:
            reading = None
        is_first, kept.shown = kept.shown != chain, chain
        if is_first:
            inside, is_whole = kept.details.known(chain), False
        else:
            inside, is_whole = kept.details.inside_of(sight, found, chain, reading)
        day = None
        if self.day and not is_first:
            day = kept.day.answer(sight)
            is_whole = is_whole and day.is_whole
        page = self._page(sight, found, chain, inside)
        told = (reading, inside, is_whole, day)
        if (page.reading, page.inside, page.is_whole, page.day) != told:
            page = kept.page = replace(
                page, reading=reading, inside=inside, is_whole=is_whole, day=day
            )
        return page

    def _page(
        self, sight: Sight, found: Family, chain: Chain, inside: Inside | None
    ) -> SessionPage:
        """Return the page as it was, or made anew where requests or their detail changed."""
        kept = self.kept
        told = inside.told if inside else None
        key = (chain, found.mark, told, sight.rows, sight.at_ms // RATE_MS)
        if kept.page is None or kept.key != key:
            kept.key, kept.page = key, _made(sight, found, chain, inside)
        return kept.page


def _made(sight: Sight, found: Family, chain: Chain, inside: Inside | None) -> SessionPage:
    requests = found.requests.get(chain, ())
    compactions = inside.compactions if inside else ()
    is_known = inside is not None and inside.mark == found.mark
    made = inside.course if inside and is_known else course(requests, compactions)
    row = _row(sight, found, chain) if requests else None
    context = row.context if row else None
    return SessionPage(
        *(sight.at_ms, sight.mode, chain),
        row=row,
        whole=found.whole,
        course=made,
        lines=request_lines(made),
        breaks=breaks_of(requests, compactions),
        growth=growth(made, inside.turns if inside else ()),
        usable=usable(made, context.window) if context else None,
        lanes=lanes(found.kin, found.requests, found.usages, inside.delegations if inside else {}),
        warning=sight.rows.warning,
        critical=sight.rows.critical,
        pruned_nano=None if found.requests else _pruned(sight, chain),
    )


def _pruned(sight: Sight, chain: Chain) -> int | None:
    """Return what a session cost of which no request is left; None where it has any, or none."""
    named = (chain.source, chain.session)
    if requests_mark(sight.view, chain.source, (chain.session,)).requests:
        return None
    told = session_totals(sight.view, [named], sight.mode).get(named)
    return None if told is None else told.nano


def _family(sight: Sight, source: str, session: str, known: Family) -> Family:
    """Return the requests of a family, read again only where something changed."""
    until_ms = sight.at_ms + 1
    kin = family(sight.view, source, session)
    sessions = tuple(dict.fromkeys(one.session for one in kin))[:MOST_SESSIONS]
    mark = (kin, sight.mode, requests_mark(sight.view, source, sessions, until_ms))
    if mark == known.mark:
        return known
    chains: dict[Chain, list[SessionRequest]] = {}
    for request in session_requests(sight.view, source, sessions, until_ms):
        chains.setdefault(request.cached.chain, []).append(request)
    usages = {chain: usage_of(some) for chain, some in chains.items()}
    made = {chain: tuple(some) for chain, some in chains.items()}
    return Family(kin, made, usages, total(usages.values()), mark)


def _row(sight: Sight, found: Family, chain: Chain) -> SessionRow:
    """Return the exact figures of an agent, as the lists of sessions have them."""
    requests = found.requests[chain]
    kin = next(
        (one for one in found.kin if (one.session, one.agent) == chain[1:]),
        Kin(chain.session, chain.agent, "", ""),
    )
    fact = fact_of(kin, requests, found.usages[chain])
    hour_ms = sight.at_ms - HOUR_MS
    recent = [
        Spent(
            *(request.instant_ms, *chain, request.cached.model),
            request.prompt + request.output,
            request.cost_nano(sight.mode) or 0,
        )
        for request in requests
        if request.instant_ms > hour_ms
    ]
    facts = Facts(
        at_ms=sight.at_ms,
        calendar=sight.calendar,
        day=sight.calendar.day(sight.at_ms),
        recent=tuple(recent),
        sessions=(fact,),
        hidden=hidden_of(sight.view, [fact], sight.at_ms),
    )
    return session_rows(facts, sight.rows)[0]


def breaks_of(
    requests: Sequence[SessionRequest], compactions: Sequence[Compaction]
) -> dict[int, Break]:
    """Return why requests did not find in the cache what was there, by their keys."""
    told = [one.instant_ms for one in compactions]
    before: Warm | None = None
    found: dict[int, Break] = {}
    for request in requests:
        cached = request.cached
        broken = break_of(before, cached, {cached.chain: told})
        if broken is not None:
            found[request.key] = broken
        left = after(before, cached)
        before = before if left is None else left
    return found
