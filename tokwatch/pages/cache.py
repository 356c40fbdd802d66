"""The prompt cache: what it saved, where it broke and why, and what is still warm."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from heapq import nlargest
from itertools import starmap
from typing import Final, NamedTuple

from msgspec import Struct

from tokwatch.analysis.cache_breaks import LOOK_BACK, Compactions, warm_ends
from tokwatch.analysis.cache_savings import cache_part, joined, total
from tokwatch.model.caching import (
    LONG_MS,
    Break,
    CachePart,
    CacheSum,
    Cause,
    CauseSum,
    Chain,
    SessionName,
    Warm,
)
from tokwatch.model.units import DAY_MS, MINUTE_MS
from tokwatch.model.usage import Slice
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight
from tokwatch.pages.stretches import Kept, Stretch, marked, stretches
from tokwatch.sources import SOURCES, agents
from tokwatch.store.read.every import (
    cached_requests,
    compactions,
    loose_sessions,
    requests_before,
)

MOST_SESSIONS: Final = 500
"""Sessions that are listed: those that lost most."""
AGENTS: Final = tuple(
    source.name for source in SOURCES if type(source).__module__.startswith(agents.__name__)
)
"""Each of their sessions is a conversation; what a gateway logs may be anybody's."""
COMPACTED_MS: Final = 7 * DAY_MS
"""A compaction may be so much older than the request that shows it."""
LEAST_STEP_MS: Final = 5 * MINUTE_MS
"""A rate over less time says little."""


class SessionCache(NamedTuple):
    """What caching did for one session."""

    name: SessionName
    project: str
    sum: CacheSum


class ModelCache(NamedTuple):
    """What caching did for one model."""

    model: str
    sum: CacheSum


class WarmChain(NamedTuple):
    """What an agent has in the cache."""

    chain: Chain
    warm: Warm


class Course(NamedTuple):
    """What caching did over time; None where nothing was sent."""

    start_ms: int
    step_ms: int
    sums: tuple[CacheSum | None, ...]


def grouped(course: Course, most: int) -> tuple[list[CacheSum | None], int]:
    """Return a course in at most so many steps, and the seconds of one."""
    group = max(1, -(-len(course.sums) // max(1, most)))
    steps: list[CacheSum | None] = []
    for first in range(0, len(course.sums), group):
        some = [one for one in course.sums[first : first + group] if one is not None]
        steps.append(total(some) if some else None)
    return steps, course.step_ms // 1000 * group


class CachePage(Struct, frozen=True):
    """What caching did in the shown range."""

    at_ms: int
    read: int
    """Requests that have been looked at: the newest ones, the others follow."""
    requests: int
    total: CacheSum
    course: Course
    causes: Mapping[Cause, CauseSum]
    breaks: tuple[Break, ...]
    """The costliest ones first."""
    sessions: tuple[SessionCache, ...]
    """Those that lost most first."""
    models: tuple[ModelCache, ...]
    """Those that were sent most first."""
    warm: tuple[WarmChain, ...]
    """What may still be read from the cache, the newest first."""

    @property
    def goes_on(self) -> bool:
        """Tell whether more is to come without anything new."""
        return not self.is_whole

    @property
    def is_whole(self) -> bool:
        """Whether all of the range has been looked at."""
        return self.read >= self.requests


@dataclass(slots=True)
class _Past:
    """The stretches before today, joined: they rarely change."""

    of: Hashable = None
    stretches: frozenset[Stretch] = frozenset()
    part: CachePart = field(default_factory=CachePart)
    worst: frozenset[SessionName] = frozenset()
    """The sessions that stand first among its own."""

    def take(self, of: Hashable, parts: Mapping[Stretch, CachePart]) -> None:
        """Take parts of the past; what is new is added to what was there."""
        if of == self.of and self.stretches == parts.keys():
            return
        if of != self.of or not self.stretches <= parts.keys():
            self.part, self.stretches = CachePart(), frozenset()
        new = (part for stretch, part in parts.items() if stretch not in self.stretches)
        self.part = joined(self.part, *new)
        self.of, self.stretches = of, frozenset(parts)
        self.worst = frozenset(_worst(self.part.sessions, self.part.sessions))


@dataclass(frozen=True, slots=True)
class CacheAsk:
    """Asks what caching did."""

    kept: Kept[CachePart] = field(default_factory=Kept, compare=False, repr=False)
    past: _Past = field(default_factory=_Past, compare=False, repr=False)
    memory: Memory = field(default_factory=Memory, compare=False, repr=False)

    def answer(self, sight: Sight) -> CachePage:
        """Return the page; of a long range its newest part first, more with each answer."""
        compacted = _compactions(sight)
        instants = sorted(at_ms for some in compacted.values() for at_ms in some)
        wanted = marked(stretches(sight, self.memory), instants, DAY_MS)
        view, step_ms = sight.view, max(sight.range.bucket_ms, LEAST_STEP_MS)
        of = (view.database.name, view.workspace, view.user, sight.calendar.zone, step_ms)
        known = self.kept.fill(wanted, of, partial(_part, sight, step_ms, compacted))
        looked = [(s, part) for s, part in zip(wanted, known, strict=True) if part is not None]
        today_ms = sight.calendar.begin_ms(sight.calendar.day(sight.at_ms))
        self.past.take(of, {s: part for s, part in looked if s.until_ms <= today_ms})
        today = [part for s, part in looked if s.until_ms > today_ms]
        whole = joined(self.past.part, *today)
        # Sums only grow: who stands first did so before today already, or was used today.
        named = self.past.worst.union(*(part.sessions for part in today))
        since_ms = sight.at_ms - LONG_MS
        return CachePage(
            sight.at_ms,
            sum(s.events for s, _ in looked),
            sum(s.events for s in wanted),
            total(whole.models.values()),
            _course(sight, whole.buckets, step_ms),
            whole.causes,
            whole.breaks,
            tuple(
                SessionCache(name, whole.projects[name][1], whole.sessions[name])
                for name in _worst(whole.sessions, named)
            ),
            tuple(sorted(starmap(ModelCache, whole.models.items()), key=_by_prompt)),
            _warm(sight.at_ms, [part.ends for s, part in looked if s.until_ms > since_ms]),
        )


def _compactions(sight: Sight) -> Compactions:
    """Return when contexts were compacted, also some time before the range: pauses are long."""
    part = Slice(sight.slice.since_ms - COMPACTED_MS, sight.slice.until_ms)
    found: dict[Chain, list[int]] = {}
    for of, one in compactions(sight.view, part):
        found.setdefault(Chain(of.source, of.session, one.agent), []).append(one.instant_ms)
    return found


def _part(sight: Sight, step_ms: int, compacted: Compactions, stretch: Stretch) -> CachePart:
    """Return what caching did in a stretch, after what the requests before it left."""
    requests = cached_requests(sight.view, Slice(stretch.since_ms, stretch.until_ms))
    sessions = sorted({request.session for request in requests})
    unknown = {one.session for one in requests if one.source not in AGENTS}
    loose = loose_sessions(sight.view, sorted(unknown), AGENTS)
    before = requests_before(sight.view, sessions, stretch.since_ms, LOOK_BACK)
    by_day, day_ms = (
        sight.range.is_by_day,
        sight.calendar.begin_ms(sight.calendar.day(stretch.since_ms)),
    )
    return cache_part(
        requests,
        warm_ends(before),
        compacted,
        lambda at_ms: day_ms if by_day else at_ms // step_ms * step_ms,
        frozenset(loose),
    )


def _warm(at_ms: int, ends: Iterable[Mapping[Chain, Warm]]) -> tuple[WarmChain, ...]:
    """Return what is still in the cache, of stretches of which the oldest come first."""
    last: dict[Chain, Warm] = {}
    for some in ends:
        last |= some
    warm = [
        WarmChain(chain, one)
        for chain, one in last.items()
        if one.cached and 0 <= at_ms - one.first_ms < one.ttl_ms
    ]
    return tuple(sorted(warm, key=lambda one: (-one.warm.first_ms, one.chain)))


def _worst(sums: Mapping[SessionName, CacheSum], named: Iterable[SessionName]) -> list[SessionName]:
    """Return the sessions that lost most, and of those that lost nothing that saved most."""

    def loss(name: SessionName) -> tuple[int, int, SessionName]:
        return sums[name].lost_nano, sums[name].saved_nano, name

    return nlargest(MOST_SESSIONS, named, key=loss)


def _by_prompt(one: ModelCache) -> tuple[int, str]:
    return -one.sum.prompt, one.model


def _course(sight: Sight, buckets: Mapping[int, CacheSum], step_ms: int) -> Course:
    """Return the buckets of the shown range, those without requests as None."""
    shown = sight.range
    start_ms = shown.start_ms // step_ms * step_ms
    count = (sight.at_ms - start_ms) // step_ms + 1
    if shown.is_by_day:
        start_ms, count = shown.start_ms, shown.count
    sums: list[CacheSum | None] = [None] * count
    for at_ms, one in buckets.items():
        place = (at_ms - start_ms) // step_ms
        if shown.is_by_day:
            place = (sight.calendar.day(at_ms) - shown.first_day) // shown.days
        if 0 <= place < count:
            sums[place] = one if (there := sums[place]) is None else there + one
    return Course(start_ms, step_ms, tuple(sums))
