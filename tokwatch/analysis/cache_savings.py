"""What a prompt cache saved and what it cost: sums over requests, by session, model and time."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Mapping
from operator import add, itemgetter
from typing import Final, TypeVar

from tokwatch.analysis.cache_breaks import Compactions, after, break_of, is_single, nano
from tokwatch.analysis.cache_lifetimes import long_nano, short_nano
from tokwatch.model.caching import (
    AVOIDABLE,
    NO_CACHE,
    Break,
    CachedRequest,
    CachePart,
    CacheSum,
    Cause,
    CauseSum,
    Chain,
    SessionName,
    Warm,
)

MOST_BREAKS: Final = 500
"""Breaks that are listed one by one, the costliest ones; all of them are summed up."""

Group = TypeVar("Group", bound=Hashable)
_Cell = tuple[SessionName, str, int]
"""A session, a model and a bucket of time."""


def cache_part(
    requests: Iterable[CachedRequest],
    ends: Mapping[Chain, Warm],
    compactions: Compactions,
    bucket_of: Callable[[int], int],
    loose: Container[SessionName] = frozenset(),
) -> CachePart:
    """Return what caching did in some requests, the oldest of which come first.

    `ends` is what the requests before them left in the cache; `bucket_of` says in which bucket
    of time an instant lies. The requests of `loose` sessions have nothing to do with each other.
    """
    memory, left = dict(ends), dict[Chain, Warm]()
    rows: dict[_Cell, list[int]] = {}
    projects: dict[SessionName, tuple[int, str]] = {}
    found: list[Break] = []
    for request in requests:
        chain, name = request.chain, SessionName(request.source, request.session)
        is_talk = name not in loose
        before = memory.get(chain) if is_talk else None
        broken = break_of(before, request, compactions) if is_talk else None
        if broken is not None:
            found.append(broken)
        cell = (name, request.model, bucket_of(request.instant_ms))
        figures = figures_of(request, before, broken)
        row = rows.get(cell)
        rows[cell] = list(figures) if row is None else list(map(add, row, figures))
        projects[name] = request.instant_ms, request.project
        if is_talk and (warm := after(before, request)) is not None:
            memory[chain] = left[chain] = warm
    cells = {cell: CacheSum(*row) for cell, row in rows.items()}
    return CachePart(
        _by(cells, itemgetter(0)),
        _by(cells, itemgetter(1)),
        _by(cells, itemgetter(2)),
        projects,
        causes_of(found),
        costliest(found),
        left,
    )


def figures_of(
    request: CachedRequest, before: Warm | None, broken: Break | None
) -> tuple[int, ...]:
    """Return what one request adds to a sum, in the order of its fields."""
    read, short, long = request.cache_read, request.cache_write_5m, request.cache_write_1h
    if read is None:
        return (*(0,) * 6, request.input + short + long, *(0,) * 9)
    told = int(is_single(request))
    base = (told, int(told and read > 0), request.input, read, short, long, 0)
    if not request.is_priced:
        return (*base, read + short + long, 0, 0, 0, *_lost(broken), 0, 0)
    writes = short * request.write_5m_rate + long * request.write_1h_rate
    return (
        *base,
        0,
        nano(read * (request.input_rate - request.read_rate)),
        nano(writes),
        nano(writes - (short + long) * request.input_rate),
        *_lost(broken),
        long_nano(request, before, broken),
        short_nano(request, before),
    )


def causes_of(breaks: Iterable[Break]) -> dict[Cause, CauseSum]:
    """Return the sums of breaks by their causes."""
    sums: dict[Cause, CauseSum] = {}
    for one in breaks:
        lost = (1, one.rewritten, one.lost_nano or 0, int(one.lost_nano is None))
        sums[one.cause] = _more(sums.get(one.cause), lost)
    return sums


def costliest(breaks: Iterable[Break]) -> tuple[Break, ...]:
    """Return the breaks that cost most, the costliest first; of equal ones the newest."""
    ranked = sorted(
        breaks,
        key=lambda one: (one.lost_nano or 0, one.rewritten, one.at_ms, one.key),
        reverse=True,
    )
    return tuple(ranked[:MOST_BREAKS])


def joined(first: CachePart, *others: CachePart) -> CachePart:
    """Return stretches of time as one, whatever their order; what is still warm is left out."""
    sessions, models, buckets = dict(first.sessions), dict(first.models), dict(first.buckets)
    causes = dict(first.causes)
    projects, breaks = dict(first.projects), list(first.breaks)
    for part in others:
        _add(sessions, part.sessions)
        _add(models, part.models)
        _add(buckets, part.buckets)
        for cause, lost in part.causes.items():
            causes[cause] = _more(causes.get(cause), lost)
        for name, told in part.projects.items():
            projects[name] = max(told, projects.get(name, told))
        breaks += part.breaks
    return CachePart(sessions, models, buckets, projects, causes, costliest(breaks))


def total(sums: Iterable[CacheSum]) -> CacheSum:
    """Return the sum of any number of sums."""
    return sum(sums, start=NO_CACHE)


def _by(cells: Mapping[_Cell, CacheSum], group: Callable[[_Cell], Group]) -> dict[Group, CacheSum]:
    sums: dict[Group, CacheSum] = {}
    for cell, one in cells.items():
        _add(sums, {group(cell): one})
    return sums


def _add(sums: dict[Group, CacheSum], more: Mapping[Group, CacheSum]) -> None:
    for name, one in more.items():
        sums[name] = sums[name] + one if name in sums else one


def _more(before: CauseSum | None, lost: tuple[int, ...]) -> CauseSum:
    return CauseSum(*lost) if before is None else CauseSum(*map(add, before, lost))


def _lost(broken: Break | None) -> tuple[int, int, int]:
    if broken is None or broken.cause not in AVOIDABLE:
        return (0, 0, 0)
    return (1, broken.rewritten, broken.lost_nano or 0)
