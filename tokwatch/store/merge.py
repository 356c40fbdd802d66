"""Settles what several logs say of one request: a pure function, whatever the order of reading.

The rules and their reasons are in docs/sources.md ("One request, several logs").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from tokwatch.model.event import Grade, event_key

_FAR: Final = 2**62
_RECORD, _GHOST, _WITNESS = int(Grade.RECORD), int(Grade.GHOST), int(Grade.WITNESS)


class Counted(NamedTuple):
    """One log's sighting as stored: the columns of `copy`, dimensions as row ids."""

    key: int
    log: int
    instant_ms: int
    first_ms: int
    scope: int
    model: int
    requests: int
    input: int | None
    cache_read: int | None
    cache_write_5m: int | None
    cache_write_1h: int | None
    output: int | None
    reasoning: int | None
    web_searches: int
    logged_nano: int | None
    window_tokens: int | None
    grade: int
    final: int
    copied: int
    offset_bytes: int


def owner(copies: Iterable[Counted]) -> Counted | None:
    """Return the record of a request that one log alone holds; what gateways saw is no holding."""
    told = [copy for copy in copies if copy.grade != _WITNESS]
    return told[0] if len(told) == 1 and told[0].grade == _RECORD else None


class LogFacts(NamedTuple):
    """What decides between logs that hold the same request."""

    path: str
    session: str
    parent: str
    begin_ms: int | None
    first_key: int | None
    second_key: int | None
    own_start_ms: int | None
    """First instant of a request that only this log holds, gateways' logs apart."""
    machine: str = ""


def latest(stored: Counted, found: Counted) -> Counted:
    """Return which of two sightings of a request in the same log counts.

    Appended lines come later in the log and win. A log that was cut or rewritten shows earlier
    offsets again: then only a more final record wins.
    """
    if found.grade != stored.grade:
        return max(stored, found, key=lambda sighting: sighting.grade)
    if found.offset_bytes < stored.offset_bytes and _finality(found) <= _finality(stored):
        return stored
    first = min(stored.first_ms, found.first_ms)
    return found if first == found.first_ms else found._replace(first_ms=first)


def settle(copies: Sequence[Counted], logs: Mapping[int, LogFacts]) -> list[Counted]:
    """Return the events that the copies of one request amount to: usually one.

    None when the request is told by other records; several when strangers share a first total.
    """
    told = [copy for copy in copies if copy.grade != _WITNESS]
    if not told:
        return _settle_records(copies, logs)
    is_chain = any(logs[copy.log].begin_ms is not None for copy in told)
    events = _settle_chain(told, logs) if is_chain else _settle_records(told, logs)
    if len(told) == len(copies) or all(event.final for event in events):
        return events
    finished = [copy for copy in copies if copy.grade == _WITNESS and copy.final]
    if finished:
        [witness] = _settle_records(finished, logs)
        return [_finished(event, witness) for event in events]
    return events


def _settle_records(copies: Sequence[Counted], logs: Mapping[int, LogFacts]) -> list[Counted]:
    """Settle records of one request: those of the highest grade count; ghosts count nothing."""
    grade = max((copy.grade for copy in copies if copy.grade != _GHOST), default=None)
    if grade is None:
        return []
    ordered = in_order([copy for copy in copies if copy.grade == grade], logs)
    origin = ordered[0]
    # Of equally final copies the first one counts, so that no order of reading shows.
    best = max(ordered, key=_finality)
    return [origin if best is origin else _with_usage(origin, best)]


def in_order(copies: Iterable[Counted], logs: Mapping[int, LogFacts]) -> list[Counted]:
    """Return copies of one request, that of the log that began it first."""
    return sorted(copies, key=lambda copy: _origin_order(copy, logs[copy.log]))


def _finality(sighting: Counted) -> tuple[int, int]:
    return sighting.final, sighting.output or 0


def _origin_order(copy: Counted, log: LogFacts) -> tuple[int, int, int, str, str]:
    """Order copies by which log began the request."""
    own = _FAR if log.own_start_ms is None else log.own_start_ms
    return copy.first_ms, copy.copied, own, log.path, log.machine


def _with_usage(origin: Counted, best: Counted) -> Counted:
    """Return the origin's event with the counts of a more final copy."""
    return origin._replace(
        model=best.model,
        input=best.input,
        cache_read=best.cache_read,
        cache_write_5m=best.cache_write_5m,
        cache_write_1h=best.cache_write_1h,
        output=best.output,
        reasoning=best.reasoning,
        web_searches=best.web_searches,
        logged_nano=best.logged_nano if best.logged_nano is not None else origin.logged_nano,
        final=best.final,
    )


def _finished(event: Counted, witness: Counted) -> Counted:
    """Return a lower bound with the counts of a gateway that saw the answer end.

    Whose output is less than the lower bound saw another answer. The prompt's classes stay, finer
    as they are, unless the gateway tells cache reads too and another sum.
    """
    seen = -1 if witness.output is None else witness.output
    if event.final or event.key != witness.key or seen < (event.output or 0):
        return event
    is_other = witness.cache_read is not None and _prompt(witness) != _prompt(event)
    prompt = witness if is_other else event
    return _with_usage(event, witness)._replace(
        model=event.model,
        input=prompt.input,
        cache_read=prompt.cache_read,
        cache_write_5m=prompt.cache_write_5m,
        cache_write_1h=prompt.cache_write_1h,
        reasoning=event.reasoning if witness.reasoning is None else witness.reasoning,
        web_searches=max(event.web_searches, witness.web_searches),
    )


def _prompt(one: Counted) -> int:
    written = (one.cache_write_5m or 0) + (one.cache_write_1h or 0)
    return (one.input or 0) + (one.cache_read or 0) + written


def _settle_chain(copies: Sequence[Counted], logs: Mapping[int, LogFacts]) -> list[Counted]:
    """Settle one link of a chain of totals: it counts for the thread that began it."""
    # Sorted, so that of a thread in two files that name different parents one always counts.
    parents = dict(sorted((logs[copy.log].session, logs[copy.log].parent) for copy in copies))
    ordered = sorted(copies, key=lambda copy: _thread_order(copy, logs[copy.log], parents))
    if any(logs[copy.log].first_key != copy.key for copy in copies):
        return [ordered[0]] if ordered[0].grade != _GHOST else []
    families = _families(logs[copy.log] for copy in copies)
    counted: list[Counted] = []
    seen: list[set[str | int]] = []
    for copy in ordered:
        log = logs[copy.log]
        family = next(family for family in families if log.session in family)
        if family not in seen and copy.grade != _GHOST:
            counted.append(_stranger(copy, log) if seen else copy)
        seen.append(family)
    return counted


def _thread_order(
    copy: Counted, log: LogFacts, parents: Mapping[str, str]
) -> tuple[int, int, str, str, str]:
    """Order threads: ancestors first, then by when they began."""
    depth, session = 0, log.session
    while (parent := parents.get(session, "")) in parents and parent and depth < len(parents):
        depth, session = depth + 1, parent
    begin = copy.first_ms if log.begin_ms is None else log.begin_ms
    return depth, begin, log.session, log.path, log.machine


def _families(logs: Iterable[LogFacts]) -> list[set[str | int]]:
    """Group threads with a common history: by session, named parent or second link."""
    families: list[set[str | int]] = []
    for log in logs:
        marks: set[str | int] = {log.session}
        marks |= {log.parent} if log.parent else set()
        marks |= set() if log.second_key is None else {log.second_key}
        strangers = [family for family in families if not family & marks]
        marks.update(*(family for family in families if family & marks))
        families = [*strangers, marks]
    return families


def _stranger(copy: Counted, log: LogFacts) -> Counted:
    """Return an event of its own for a thread that only happens to begin with the same total."""
    return copy._replace(key=event_key("stranger", str(copy.key), log.session))
