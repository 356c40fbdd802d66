"""What performance and quality are computed from: requests, turns, errors, whole sessions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from tokwatch.model.calendar import Calendar
from tokwatch.model.facets import Portion
from tokwatch.model.performance import (
    Answered,
    Custom,
    IncidentTold,
    Lifetime,
    Told,
    TurnTold,
)
from tokwatch.model.units import OPEN_END_MS
from tokwatch.model.usage import CostMode, Slice
from tokwatch.store.read.answered import answered
from tokwatch.store.read.costs import count_requests
from tokwatch.store.read.detail import SESSION, add_owner
from tokwatch.store.read.detail_range import (
    CompactionFact,
    IncidentFact,
    OfSession,
    TurnFact,
    compactions,
    incidents,
    turns,
)
from tokwatch.store.read.measures import measure_names, measures
from tokwatch.store.read.usage import UTC
from tokwatch.store.view import (
    ALL,
    GHOST,
    Conditions,
    View,
    among,
    pieces,
    place_conditions,
)

MOST_CUSTOM: Final = 20
"""Measures of one's own that are looked at, in the order of their names."""

CONTEXT_LENGTH: Final = "context length"

Agent = tuple[str, str, str]
"""Source, session and id of an agent."""


def performance(
    view: View,
    part: Slice = ALL,
    mode: CostMode = CostMode.AUTO,
    most: int = OPEN_END_MS,
    calendar: Calendar = UTC,
) -> Told:
    """Return what a range's performance is made of; of its requests at most the newest so many.

    As of the end of the range: what went on behind it is not told. Models filter requests only.
    The others are counted sooner by the calendar of the store's own days.
    """
    found = answered(view, part, mode, most)
    left_out = 0
    if len(found) == most:
        # Whole quarters of an hour, as the sums know them.
        everything = count_requests(view, Portion(part, calendar=calendar))
        left_out = max(0, everything - sum(one.requests for one in found))
    looked_at = replace(part, since_ms=found[0].at_ms) if left_out else part
    begun = turns(view, looked_at)
    failed, compacted = incidents(view, looked_at), compactions(view, looked_at)
    kinds = _kinds(
        view,
        found,
        [*(one.of for one in begun), *(one.of for one in failed)],
    )
    told = _incidents(failed, kinds)
    return Told(
        tuple(found),
        left_out,
        _turns(begun, kinds, found, part.until_ms),
        told,
        _lifetimes(view, found, part.until_ms),
        _detailed(view),
        _overflowed(told, compacted),
        _custom(view, part),
    )


def _kinds(view: View, found: Iterable[Answered], others: Iterable[OfSession]) -> dict[Agent, str]:
    """Return the sorts of agents; those of sessions without a request here are looked up."""
    kinds = {(one.source, one.session, one.agent): one.kind for one in found}
    missing: defaultdict[str, set[str]] = defaultdict(set)
    for one in others:
        missing[one.source].add(one.session)
    for source, session, _ in kinds:
        missing[source].discard(session)
    for source, sessions in missing.items():
        for some in pieces(sorted(sessions)):
            rows = view.database.rows(
                "SELECT a.session, a.agent, a.kind FROM agent a WHERE a.workspace = ?"
                f" AND a.source = ? AND a.kind <> '' AND {among('a.session', some)}",
                [view.workspace, source, *some],
            )
            kinds |= {(source, row[0], row[1]): row[2] for row in rows}
    return kinds


def _kind(kinds: dict[Agent, str], of: OfSession, agent: str) -> str:
    return kinds.get((of.source, of.session, agent)) or ("sub-agent" if agent else "main")


def _turns(
    facts: Iterable[TurnFact], kinds: dict[Agent, str], found: Iterable[Answered], until_ms: int
) -> tuple[TurnTold, ...]:
    """Return each turn once, also where several logs hold it."""
    once: dict[tuple[str, str, int], TurnFact] = {}
    begun_in = {(one.source, one.session): one.at_ms for one in reversed(list(found))}
    for fact in facts:
        key = (fact.of.source, fact.turn.agent, fact.turn.begin_ms)
        known = once.get(key)
        if known is None or _rank(fact, begun_in) > _rank(known, begun_in):
            once[key] = fact
    newest: dict[Agent, int] = {}
    for fact in once.values():
        agent = (*fact.of[:2], fact.turn.agent)
        newest[agent] = max(newest.get(agent, 0), fact.turn.begin_ms)
    return tuple(
        TurnTold(
            *(*fact.of[:2], turn.agent, _kind(kinds, fact.of, turn.agent)),
            *(turn.begin_ms, min(turn.end_ms, until_ms)),
            interrupted=turn.interrupted and turn.end_ms < until_ms,
            finished=turn.finished and turn.end_ms < until_ms,
            is_newest=newest[*fact.of[:2], turn.agent] == turn.begin_ms,
        )
        for fact in once.values()
        for turn in (fact.turn,)
    )


def _rank(fact: TurnFact, begun_in: dict[tuple[str, str], int]) -> tuple[bool, int, int, str]:
    """Return what decides between copies of a turn: the session that made its requests has it."""
    began_ms = begun_in.get((fact.of.source, fact.of.session), OPEN_END_MS)
    is_own = began_ms <= fact.turn.end_ms
    return is_own, fact.turn.requests, fact.turn.end_ms, fact.of.session


def _incidents(facts: Iterable[IncidentFact], kinds: dict[Agent, str]) -> tuple[IncidentTold, ...]:
    once = {
        (of.source, one.agent, one.instant_ms, one.kind, one.attempt): IncidentTold(
            *(one.instant_ms, of.source, of.session, one.agent, _kind(kinds, of, one.agent)),
            *(one.kind, one.status, one.attempt),
        )
        for of, one in reversed(list(facts))
    }
    return tuple(sorted(once.values()))


def _overflowed(
    failed: Iterable[IncidentTold], facts: Iterable[CompactionFact]
) -> frozenset[tuple[str, str]]:
    """Return the sessions that outgrew a window; of copies of a compaction the first counts."""
    once = {(of.source, one.agent, one.instant_ms): of for of, one in reversed(list(facts))}
    compacted = {(of.source, of.session) for of in once.values()}
    lost = {(one.source, one.session) for one in failed if one.trouble == CONTEXT_LENGTH}
    return frozenset(compacted | lost)


def _lifetimes(view: View, found: Sequence[Answered], until_ms: int) -> tuple[Lifetime, ...]:
    """Return when the sessions of some requests had their first and their last answer."""
    wanted = {(one.source, one.session) for one in found}
    places = place_conditions(view, ALL)
    ends = ", ".join(
        "(SELECT t.instant_ms FROM event t WHERE t.scope = s.id AND t.instant_ms < ?"
        f" AND t.grade < {GHOST} ORDER BY t.instant_ms {order} LIMIT 1)"
        for order in ("ASC", "DESC")
    )
    known: dict[tuple[str, str], tuple[int, int]] = {}
    for some in pieces(sorted({session for _, session in wanted})):
        rows = view.database.rows(
            f"SELECT p.source, s.session, {ends} FROM scope s JOIN place p ON p.id = s.place "
            f"WHERE s.workspace = ? AND {among('s.session', some)} AND {places.text}",
            [until_ms, until_ms, view.workspace, *some, *places.values],
        )
        for source, session, first_ms, last_ms in rows:
            if first_ms is not None:
                before = known.get((source, session), (first_ms, last_ms))
                both = (min(first_ms, before[0]), max(last_ms, before[1]))
                known[source, session] = both
    return tuple(sorted(Lifetime(*name, *both) for name, both in known.items() if name in wanted))


def _detailed(view: View) -> frozenset[tuple[str, str]]:
    """Return the sessions whose conversation was read, in whole or in part."""
    found = Conditions()
    found.add("g.workspace = ?", view.workspace)
    if view.user is not None:
        add_owner(found, SESSION, (), "p.user_name = ?", (view.user,))
    rows = view.database.rows(
        f"SELECT DISTINCT g.source, {SESSION} FROM detail_log d JOIN log g ON g.id = d.log"
        f" JOIN strand k ON k.log = g.id WHERE {found.text}",
        found.values,
    )
    return frozenset((row[0], row[1]) for row in rows)


def _custom(view: View, part: Slice) -> tuple[Custom, ...]:
    """Return what was measured beside tokens, by name and unit."""
    found: dict[tuple[str, str], list[tuple[int, float]]] = {}
    names = dict.fromkeys(one.name for one in measure_names(view, part))
    for name in list(names)[:MOST_CUSTOM]:
        for one in measures(view, name, part):
            found.setdefault((name, one.unit), []).append((one.instant_ms, one.value))
    return tuple(Custom(*name, tuple(values)) for name, values in found.items())
