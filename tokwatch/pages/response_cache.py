"""Response caches: what gateways' logs tell of theirs, and what one would do with the repeats."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import add
from typing import Final, NamedTuple

from msgspec import Struct

from tokwatch.analysis.likeness import near_keys
from tokwatch.analysis.request_keys import request_keys
from tokwatch.analysis.response_cache import by_size, simulated
from tokwatch.config.sections import ResponseCache
from tokwatch.model.caching import GatewaySum
from tokwatch.model.repeats import Answer, Asked, KeyKind, Limits, Outcome, RequestKeys
from tokwatch.model.usage import Slice
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight
from tokwatch.pages.stretches import Kept, Stretch, stretches
from tokwatch.store.read.every import (
    DetailMark,
    answers,
    detail_marks,
    gateway_sums,
    newest_log,
    session_detail,
)

SIZES: Final = (10, 30, 100, 300, 1_000, 3_000, 10_000)
"""Items for which the rate is shown, beside those that are configured."""
MOST_REQUESTS: Final = 20_000
"""Requests that are simulated: the newest ones whose content is known."""
MOST_BLOCKS: Final = 6_000
"""Blocks of conversations that one answer reads."""
KEPT_MS: Final = 10_000
"""What takes a while is made anew so often at most."""
FEW: Final = 500
"""Blocks or requests that take no while."""
MEGABYTE: Final = 1_000_000


class Simulation(NamedTuple):
    """What response caches with one sort of key would have done."""

    kind: KeyKind
    small: Outcome
    large: Outcome
    lasting: Outcome
    """The large one if its answers never expired."""
    near: Outcome
    """The large one if it answered near-duplicates too."""
    sizes: tuple[tuple[int, Outcome], ...]
    """By items, the smallest first."""


class ResponsePage(Struct, frozen=True):
    """What response caches did, and what simulated ones would have done."""

    at_ms: int
    shown: Slice
    gateways: tuple[GatewaySum, ...]
    """Those that tell of answers of their own, or of shortened prompts."""
    requests: int
    """Of the range."""
    known: int
    """Those of which it is known what they were made of."""
    tempered: int
    """Of these, those whose temperature a log tells."""
    simulations: tuple[Simulation, ...]
    limits: ResponseCache
    left: int
    """Stretches, sessions and simulations that the next answers add."""

    @property
    def goes_on(self) -> bool:
        """Tell whether more is to come without anything new."""
        return not self.is_whole

    @property
    def is_whole(self) -> bool:
        """Whether all of the range has been looked at."""
        return self.left == 0


class _Known(NamedTuple):
    """A session's requests with their keys, as far as it was read."""

    mark: DetailMark
    read_ms: int
    requests: tuple[tuple[Answer, RequestKeys], ...]


class _Made(NamedTuple):
    """A simulation, and of what it is one."""

    range: Hashable
    marks: tuple[DetailMark, ...]
    made_ms: int
    simulation: Simulation


@dataclass(slots=True)
class _Repeats:
    """Sessions that were read, and what was simulated on them."""

    sessions: dict[tuple[str, str], _Known] = field(default_factory=dict)
    made: dict[KeyKind, _Made] = field(default_factory=dict)

    def read(self, sight: Sight, marks: Sequence[DetailMark]) -> int:
        """Read some sessions, the newest first; return how many are left."""
        wanted = {(mark.source, mark.session) for mark in marks}
        self.sessions = {name: one for name, one in self.sessions.items() if name in wanted}
        left, room = 0, MOST_BLOCKS
        for mark in marks:
            known = self.sessions.get((mark.source, mark.session))
            if known is not None and (
                known.mark == mark or _is_recent(sight, known.read_ms, mark.blocks)
            ):
                continue
            if room <= 0:
                left += 1
                continue
            room -= mark.blocks
            self.sessions[mark.source, mark.session] = _known(sight, mark)
        return left

    def found(self, part: Slice) -> list[tuple[Answer, RequestKeys]]:
        """Return the newest requests of a range, the oldest of them first."""
        inside = [
            request
            for one in self.sessions.values()
            for request in one.requests
            if part.since_ms <= request[0].at_ms < part.until_ms
        ]
        return sorted(inside, key=lambda request: (request[0].at_ms, request[0].key))[
            -MOST_REQUESTS:
        ]

    def simulate(
        self,
        sight: Sight,
        marks: tuple[DetailMark, ...],
        found: Sequence[tuple[Answer, RequestKeys]],
    ) -> int:
        """Make one of the simulations that are missing or old; return how many are left."""
        shown, limits = _range(sight), sight.config.response_cache
        old = [kind for kind in KeyKind if not self._is_fresh(kind, sight, marks, len(found))]
        for kind in old[:1]:
            simulation = _simulation(kind, found, limits)
            self.made[kind] = _Made(shown, marks, sight.now_ms, simulation)
        return max(0, len(old) - 1)

    def shown(self, sight: Sight) -> tuple[Simulation, ...]:
        """Return the simulations of the shown range, in the order of their kinds."""
        made = [self.made[kind] for kind in KeyKind if kind in self.made]
        return tuple(one.simulation for one in made if one.range == _range(sight))

    def _is_fresh(
        self, kind: KeyKind, sight: Sight, marks: tuple[DetailMark, ...], requests: int
    ) -> bool:
        one = self.made.get(kind)
        if one is None or one.range != _range(sight):
            return False
        return one.marks == marks or _is_recent(sight, one.made_ms, requests)


@dataclass(frozen=True, slots=True)
class ResponseAsk:
    """Asks what response caches did."""

    kept: Kept[tuple[GatewaySum, ...]] = field(default_factory=Kept, compare=False, repr=False)
    repeats: _Repeats = field(default_factory=_Repeats, compare=False, repr=False)
    memory: Memory = field(default_factory=Memory, compare=False, repr=False)

    def answer(self, sight: Sight) -> ResponsePage:
        """Return the page; of a long range its newest part first, more with each answer."""
        view, wanted = sight.view, stretches(sight, self.memory)
        logs = view.database.name, view.workspace, view.user, newest_log(view)
        told = self.kept.fill(wanted, logs, lambda stretch: _gateways(sight, stretch))
        marks = tuple(detail_marks(view, sight.slice))
        left = self.repeats.read(sight, marks)
        found = self.repeats.found(sight.slice)
        left += len(KeyKind) if left else self.repeats.simulate(sight, marks, found)
        return ResponsePage(
            sight.at_ms,
            sight.slice,
            _joined(some for some in told if some is not None),
            sum(stretch.events for stretch in wanted),
            len(found),
            sum(one.temperature is not None for one, _ in found),
            self.repeats.shown(sight),
            sight.config.response_cache,
            told.count(None) + left,
        )


def _is_recent(sight: Sight, made_ms: int, count: int) -> bool:
    """Tell whether what took a while to make is still good enough."""
    return count > FEW and 0 <= sight.now_ms - made_ms < KEPT_MS


def _range(sight: Sight) -> Hashable:
    """Return what tells one shown range, and how it is asked about, from another."""
    until_ms = None if sight.at_ms >= sight.now_ms else sight.at_ms
    return sight.slice.since_ms, until_ms, sight.config.response_cache, sight.mode


def _gateways(sight: Sight, stretch: Stretch) -> tuple[GatewaySum, ...]:
    return tuple(gateway_sums(sight.view, Slice(stretch.since_ms, stretch.until_ms)))


def _joined(parts: Iterable[tuple[GatewaySum, ...]]) -> tuple[GatewaySum, ...]:
    """Return the sums of all stretches, of those sources that tell of a cache or of savings."""
    sums: dict[str, GatewaySum] = {}
    for part in parts:
        for one in part:
            before = sums.get(one.source)
            sums[one.source] = (
                one if before is None else GatewaySum(one.source, *map(add, before[1:], one[1:]))
            )
    return tuple(one for one in sums.values() if one.hits or one.shortened)


def _known(sight: Sight, mark: DetailMark) -> _Known:
    """Read a session's requests and what they were made of."""
    asked = answers(sight.view, mark.source, mark.session, sight.mode)
    detail = session_detail(sight.view, mark.source, mark.session)
    of = {one.key: (one.model, one.temperature) for one in asked}
    owners = {one.key: one.agent for one in asked}
    keys = request_keys(detail.blocks, detail.compactions, of, owners)
    requests = tuple((one, keys[one.key]) for one in asked if one.key in keys)
    return _Known(mark, sight.now_ms, requests)


def _simulation(
    kind: KeyKind, found: Sequence[tuple[Answer, RequestKeys]], limits: ResponseCache
) -> Simulation:
    requests = [
        Asked(
            *(one.at_ms, keys.of(kind), keys.answer, keys.chars, one.nano, one.tokens),
            bool(one.is_failure),
        )
        for one, keys in found
    ]
    large = Limits(limits.large_items, limits.max_mb * MEGABYTE, limits.ttl_seconds * 1000)
    like = near_keys(kind, (keys for _, keys in found))
    alike = [one._replace(key=key) for one, key in zip(requests, like, strict=True)]
    sizes = dict(by_size(requests, sizes_of(limits), large))
    return Simulation(
        kind,
        sizes[limits.small_items],
        sizes[limits.large_items],
        simulated(requests, large._replace(ttl_ms=None)),
        simulated(alike, large),
        tuple(sizes.items()),
    )


def sizes_of(limits: ResponseCache) -> list[int]:
    """Return the items for which the rate is shown, in order."""
    return sorted({*SIZES, limits.small_items, limits.large_items})
