"""What happened within a stretch of time beside its requests: misses, switches, first uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Final, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from tokwatch.analysis.baseline import Stretch
from tokwatch.analysis.cache_breaks import Compactions, after, break_of, prompt_of
from tokwatch.model.caching import AVOIDABLE, Break, CachedRequest, Cause, Chain, Warm
from tokwatch.model.detail import Compaction
from tokwatch.model.history import Failure, KnownBefore, MemorySeen
from tokwatch.model.usage import Rates

LEAST_SHARE: Final = 20
"""One in so many of the dollars: a new session that costs less goes without saying."""
LEAST_FAILURES: Final = 5
"""Retries and errors of one session that make a storm."""


class What(StrEnum):
    """Sorts of happenings."""

    CACHE_MISS = "cache miss"
    MODEL_SWITCH = "model switch"
    NEW_SESSION = "new session"
    NEW_PROJECT = "new project"
    NEW_MODEL = "new model"
    PRICE_CHANGE = "price change"
    RETRIES = "retry storm"
    COMPACTION = "compaction"
    MEMORY_CHANGE = "config change"
    ALERT = "alert"


class Happening(Struct, frozen=True):
    """One thing that happened; which fields tell it depends on what it is."""

    at_ms: int
    what: What
    source: str = ""
    session: str = ""
    """Empty for what is not of one session."""
    agent: str = ""
    key: int = 0
    """Event key of the request that shows it, or 0."""
    name: str = ""
    """Of a project or model; for a switch the model after it; for a storm its errors; an alert's
    title."""
    before: str = ""
    """Of the model before a switch, or of the rule of an alert."""
    cause: Cause | None = None
    """Why the cache was missed."""
    idle_ms: int = 0
    """How long the request before a miss was ago."""
    tokens: int = 0
    """Tokens that were sent anew at a miss, or that a memory file has."""
    was: int | None = 0
    """Price before its change, in nano-dollars a thousand input tokens; a context's tokens."""
    now: int | None = 0
    """The same after it."""
    nano: int | None = None
    """Lost by all misses; cost of a new session, project or model in the stretch."""
    count: int = 1
    """How often it happened."""
    last_ms: int = 0
    """When it happened last."""


class Compacted(NamedTuple):
    """A compaction and whose it is."""

    source: str
    session: str
    compaction: Compaction


class HappeningFacts(Struct, frozen=True):
    """What happenings are found in."""

    shown: Stretch
    requests: Sequence[CachedRequest]
    """Of the sessions that are looked at, from before the stretch to its end, the oldest first."""
    failures: Sequence[Failure] = ()
    """Of the same sessions, within the stretch, the oldest first."""
    compactions: Sequence[Compacted] = ()
    """Of the same sessions, from before the stretch to its end."""
    memory_files: Sequence[MemorySeen] = ()
    """Of the same sessions, from their begin, in order."""
    known: KnownBefore = field(default_factory=KnownBefore)
    costs: Mapping[tuple[What, str], int] = field(default_factory=dict)
    """What each session, project and model cost in the stretch."""
    rates: Sequence[Rates] = ()


def happenings(facts: HappeningFacts) -> tuple[Happening, ...]:
    """Return what happened in a stretch, the oldest first."""
    found = [*_firsts(facts), *_price_changes(facts), *_compacted(facts), *_memory_changes(facts)]
    compactions: dict[Chain, list[int]] = {}
    for source, session, one in facts.compactions:
        chain = Chain(source, session, one.agent)
        compactions.setdefault(chain, []).append(one.instant_ms)
    in_chains = sorted(facts.requests, key=_chain_and_time)
    for _, requests in groupby(in_chains, attrgetter("chain")):
        of_agent = list(requests)
        found += _misses(of_agent, facts.shown, compactions)
        found += _switches(of_agent, facts.shown)
    by_session = sorted(facts.failures, key=attrgetter("session"))
    for _, failures in groupby(by_session, attrgetter("session")):
        found += _storm(list(failures))
    return tuple(sorted(found, key=lambda one: (one.at_ms, one.what, one.session, one.name)))


def _chain_and_time(request: CachedRequest) -> tuple[str, str, str, int, int]:
    return (*request.chain, request.instant_ms, request.key)


def _is_in(at_ms: int, shown: Stretch) -> bool:
    return shown.since_ms <= at_ms < shown.until_ms


def _misses(
    of_agent: Iterable[CachedRequest], shown: Stretch, compactions: Compactions
) -> Iterator[Happening]:
    """Yield an agent's first miss, with how many there were, the last one and what all lost."""
    missed: list[Break] = []
    warm: Warm | None = None
    for request in of_agent:
        broke = break_of(warm, request, compactions)
        if broke is not None and broke.cause in AVOIDABLE and _is_in(broke.at_ms, shown):
            missed.append(broke)
        warm = after(warm, request)
    if missed:
        first, lost = missed[0], [one.lost_nano for one in missed]
        yield Happening(
            *(first.at_ms, What.CACHE_MISS, *first.chain, first.key),
            cause=first.cause,
            idle_ms=first.idle_ms,
            tokens=first.rewritten,
            nano=None if None in lost else sum(nano or 0 for nano in lost),
            count=len(missed),
            last_ms=missed[-1].at_ms,
        )


def _switches(of_agent: Iterable[CachedRequest], shown: Stretch) -> Iterator[Happening]:
    """Yield each model that an agent takes to for the first time, its very first one apart.

    A small question to another model, as for a title, is none.
    """
    seen: set[str] = set()
    before = ""
    prompt = 0
    for request in of_agent:
        is_aside = request.model != before and prompt_of(request) * 2 < prompt
        if is_aside:
            continue
        if seen and request.model not in seen and _is_in(request.instant_ms, shown):
            yield replace(_of(request, What.MODEL_SWITCH), name=request.model, before=before)
        seen.add(request.model)
        before, prompt = request.model, prompt_of(request)


def _firsts(facts: HappeningFacts) -> Iterator[Happening]:
    """Yield the first requests of what was not in use before; nothing where nothing was."""
    known = facts.known
    if not known.models:
        return
    first: dict[tuple[What, str], CachedRequest] = {}
    for request in facts.requests:
        for what, name, before in (
            (What.NEW_SESSION, request.session, known.sessions),
            (What.NEW_PROJECT, request.project, known.projects),
            (What.NEW_MODEL, request.model, known.models),
        ):
            if name and name not in before and _is_in(request.instant_ms, facts.shown):
                first.setdefault((what, name), request)
    sessions = [nano for (what, _), nano in facts.costs.items() if what is What.NEW_SESSION]
    least = sum(sessions) // LEAST_SHARE
    for (what, name), request in first.items():
        if what is What.NEW_SESSION and facts.costs.get((what, name), 0) < least:
            continue
        yield replace(_of(request, what), name=name, nano=facts.costs.get((what, name)))


def _storm(failures: Sequence[Failure]) -> Iterator[Happening]:
    """Yield that a session's requests failed again and again.

    A conversation and a gateway may tell of the same errors: the one that tells of more counts.
    """
    told = [one for one in failures if one.kind]
    retried = sum(max(one.retries, 1) for one in failures if not one.kind)
    count = max(len(told), retried)
    if count >= LEAST_FAILURES:
        first = failures[0]
        kinds = Counter(one.kind for one in told) if len(told) >= retried else Counter()
        yield Happening(
            *(first.at_ms, What.RETRIES, first.source, first.session, first.agent, first.key),
            name=", ".join(f"{kind} {times}" for kind, times in kinds.most_common()),
            count=count,
            last_ms=failures[-1].at_ms,
        )


def _compacted(facts: HappeningFacts) -> Iterator[Happening]:
    """Yield the compactions of the stretch."""
    for source, session, one in facts.compactions:
        if _is_in(one.instant_ms, facts.shown):
            yield Happening(
                *(one.instant_ms, What.COMPACTION, source, session, one.agent),
                was=one.before,
                now=one.after,
            )


def _memory_changes(facts: HappeningFacts) -> Iterator[Happening]:
    """Yield the memory files that an agent took in with another content than before."""
    seen: dict[tuple[str, str, str, int], int] = {}
    for one in facts.memory_files:
        key = (one.source, one.session, one.agent, one.subject)
        if _is_in(one.at_ms, facts.shown) and seen.get(key, one.digest) != one.digest:
            yield Happening(
                *(one.at_ms, What.MEMORY_CHANGE, one.source, one.session, one.agent),
                tokens=one.tokens,
            )
        seen[key] = one.digest


def _price_changes(facts: HappeningFacts) -> Iterator[Happening]:
    """Yield the list prices that changed within the stretch."""
    for old, new in pairwise(sorted(facts.rates, key=attrgetter("model", "since_ms"))):
        if old.model == new.model and _is_in(new.since_ms, facts.shown):
            yield Happening(
                new.since_ms, What.PRICE_CHANGE, name=new.model, was=old.input, now=new.input
            )


def _of(request: CachedRequest, what: What) -> Happening:
    return Happening(
        *(request.instant_ms, what, *request.chain, request.key), last_ms=request.instant_ms
    )
