"""What happened within a stretch of time beside its requests: misses, switches, first uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby, pairwise
from typing import Final

from tokwatch.analysis.baseline import Stretch
from tokwatch.model import Rates
from tokwatch.sequence import KnownBefore, Sent

LEAST_CACHED: Final = 4_096
"""Tokens that were in the cache, without which a miss costs nothing worth telling."""
LOST: Final = 0.5
"""Share of the cached tokens that a miss does not read again."""
GONE: Final = 0.5
"""A prompt that shrank below this share of the one before is another context, not a miss."""
LEAST_RETRIES: Final = 5
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


@dataclass(frozen=True, slots=True)
class Happening:
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
    """Of a project or model; for a switch the model after it."""
    before: str = ""
    """Of the model before a switch."""
    was: int = 0
    """Tokens that were cached; for prices nano-dollars a thousand input tokens."""
    now: int = 0
    """Tokens that were read again; for prices as before."""
    again: int = 0
    """Tokens that were sent anew."""
    idle_ms: int = 0
    """How long the request before a miss was ago."""
    nano: int = 0
    """What that request cost; for a session or project all of them in the stretch."""
    count: int = 1
    """How often it happened."""
    last_ms: int = 0
    """When it happened last."""


def happenings(
    shown: Stretch,
    sequence: Sequence[Sent],
    projects: Mapping[str, str],
    known: KnownBefore,
    rates: Iterable[Rates],
) -> tuple[Happening, ...]:
    """Return what happened in a stretch, the oldest first.

    The sequence begins some time before it, in order of time; `projects` are those of its sessions.
    """
    found = [*_firsts(shown, sequence, projects, known), *_price_changes(shown, rates)]
    by_agent = sorted(sequence, key=lambda one: (one.session, one.agent))
    for _, one_agent in groupby(by_agent, lambda one: (one.session, one.agent)):
        requests = list(one_agent)
        found += [*_misses(shown, requests), *_switches(shown, requests)]
    by_session = sorted(by_agent, key=lambda one: one.session)
    for _, one_session in groupby(by_session, lambda one: one.session):
        found += _storm([one for one in one_session if _is_in(one.at_ms, shown)])
    return tuple(sorted(found, key=lambda one: (one.at_ms, one.what, one.session, one.name)))


def _is_in(at_ms: int, shown: Stretch) -> bool:
    return shown.since_ms <= at_ms < shown.until_ms


def is_miss(before: Sent, after: Sent) -> bool:
    """Tell whether a request did not find in the cache what the one before had left there."""
    if before.cache_read is None or after.cache_read is None:
        return False
    cached = before.cache_read + before.cache_write
    return (
        cached >= LEAST_CACHED
        and after.cache_read < cached * LOST
        and after.prompt >= before.prompt * GONE
    )


def _misses(shown: Stretch, requests: Sequence[Sent]) -> Iterator[Happening]:
    """Yield an agent's first miss, with how many there were and when the last one was."""
    missed = [
        (before, after)
        for before, after in pairwise(requests)
        if _is_in(after.at_ms, shown) and is_miss(before, after)
    ]
    if missed:
        before, after = missed[0]
        yield replace(
            _of(after, What.CACHE_MISS),
            was=(before.cache_read or 0) + before.cache_write,
            now=after.cache_read or 0,
            again=after.input + after.cache_write,
            idle_ms=after.at_ms - before.at_ms,
            count=len(missed),
            last_ms=missed[-1][1].at_ms,
        )


def _switches(shown: Stretch, requests: Sequence[Sent]) -> Iterator[Happening]:
    """Yield each model that an agent takes to for the first time, its very first one apart."""
    seen: set[str] = set()
    before = ""
    for one in requests:
        if seen and one.model not in seen and _is_in(one.at_ms, shown):
            yield replace(_of(one, What.MODEL_SWITCH), name=one.model, before=before)
        seen.add(one.model)
        before = one.model


def _firsts(
    shown: Stretch, sequence: Iterable[Sent], projects: Mapping[str, str], known: KnownBefore
) -> Iterator[Happening]:
    """Yield the first requests of what was not in use before; nothing where nothing was."""
    if not known.models:
        return
    first: dict[tuple[What, str], Sent] = {}
    costs: dict[tuple[What, str], int] = {}
    for one in sequence:
        project = projects.get(one.session, "")
        for what, name, before in (
            (What.NEW_SESSION, one.session, known.sessions),
            (What.NEW_PROJECT, project, known.projects),
            (What.NEW_MODEL, one.model, known.models),
        ):
            if name and name not in before and _is_in(one.at_ms, shown):
                first.setdefault((what, name), one)
                costs[what, name] = costs.get((what, name), 0) + one.nano
    for (what, name), one in first.items():
        yield replace(_of(one, what), name=name, nano=costs[what, name])


def _storm(requests: Sequence[Sent]) -> Iterator[Happening]:
    """Yield that a session's requests failed again and again."""
    failed = [one for one in requests if one.retries or one.status]
    count = sum(max(one.retries, 1) for one in failed)
    if count >= LEAST_RETRIES:
        last_ms = failed[-1].at_ms
        yield replace(_of(failed[0], What.RETRIES), count=count, last_ms=last_ms)


def _price_changes(shown: Stretch, rates: Iterable[Rates]) -> Iterator[Happening]:
    """Yield the list prices that changed within the stretch."""
    by_model = sorted(rates, key=lambda one: (one.model, one.since_ms))
    for old, new in pairwise(by_model):
        if old.model == new.model and _is_in(new.since_ms, shown):
            yield Happening(
                new.since_ms, What.PRICE_CHANGE, name=new.model, was=old.input, now=new.input
            )


def _of(one: Sent, what: What) -> Happening:
    return Happening(
        *(one.at_ms, what, one.source, one.session, one.agent, one.key),
        nano=one.nano,
        last_ms=one.at_ms,
    )
