"""Sessions: their totals, their agents and where each one stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import add
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.model.event import Grade, ModelName
from tokwatch.model.stored import SessionFact
from tokwatch.model.units import DAY_MS, OPEN_END_MS, QUARTER_MS, WINDOW_TOKENS
from tokwatch.model.usage import NO_USAGE, Slice, Usage
from tokwatch.store.connect import Row
from tokwatch.store.read.catalogue import bounds
from tokwatch.store.read.limits import told_windows
from tokwatch.store.read.measured import EVENT_SUMS, PROMPT
from tokwatch.store.read.usage import sums
from tokwatch.store.view import (
    AGENT_JOIN,
    ALL,
    GHOST,
    LOG_PATH,
    View,
    among,
    between,
    conditions,
    evened,
    event_conditions,
    joins,
    pieces,
    place_conditions,
)

_ONE_REQUEST: Final = f"t.requests < 2 AND t.grade <> {Grade.DERIVED:d}"
"""The prompt of a sum of requests is nobody's context."""


class Activity(Struct, frozen=True):
    """When a session was used within a range, its agents included."""

    source: str
    session: str
    project: str
    """Where it began."""
    first_ms: int
    last_ms: int


class _Agent(Struct, frozen=True):
    """An agent of a session, with the scopes (places) that it worked in."""

    source: str
    session: str
    agent: str
    kind: str
    parent: str


def sessions(view: View, part: Slice = ALL, limit: int = 100) -> list[SessionFact]:
    """Return the sessions last used in a range, agents apart, the newest first.

    What they come to is of all their life up to the end of the range, as it stood then.
    """
    ends = bounds(view)
    if ends is None:
        return []
    until_ms = part.until_ms if part.until_ms <= ends[1] else OPEN_END_MS
    named = _newest(view, part, limit, ends)
    facts = [fact for some in pieces(named) for fact in _facts(view, some, until_ms)]
    return sorted(facts, key=lambda fact: (-fact.last_ms, fact.session, fact.agent))


def _facts(view: View, named: Sequence[tuple[str, str]], until_ms: int) -> list[SessionFact]:
    """Return the agents of some sessions as they stood at an instant."""
    agents = _agents(view, named)
    scopes = evened(agents)
    totals = _totals(view, scopes)
    if until_ms < OPEN_END_MS:
        totals = _without(totals, _later(view, scopes, until_ms))
    large = _large_prompts(view, scopes, until_ms)
    found: dict[_Agent, SessionFact] = {}
    for row in _last_events(view, scopes, until_ms):
        agent = agents[row[0]]
        fact = _fact(agent, row, totals.get(row[0], {}), large)
        known = found.get(agent)
        found[agent] = fact if known is None else _joined(known, fact)
    return _with_told_windows(view, list(found.values()))


def _with_told_windows(view: View, facts: list[SessionFact]) -> list[SessionFact]:
    """Return sessions with the windows that their tools' status lines told."""
    told = told_windows(view, sorted({fact.session for fact in facts}))
    sizes = {(one.source, one.session, one.model): one.tokens for one in told}
    return [
        replace(fact, window=sizes.get((fact.source, fact.session, fact.last_model.name)))
        if (fact.source, fact.session, fact.last_model.name) in sizes
        else fact
        for fact in facts
    ]


def activity(view: View, part: Slice = ALL) -> list[Activity]:
    """Return when each session was used first and last, to the quarter-hour if it was pruned."""
    places = place_conditions(view, part)
    events = event_conditions(view, part, scoped=True)
    quarters = conditions(view, part, scoped=True)
    between(quarters, "t.quarter_ms", part.since_ms, part.until_ms)
    ends = ", ".join(
        "coalesce((SELECT t.instant_ms FROM event t WHERE t.scope = s.id AND "
        f"{events.text} ORDER BY t.instant_ms {order} LIMIT 1), "
        "(SELECT t.quarter_ms FROM quarter t WHERE "
        f"{' AND '.join(('t.scope = s.id AND t.events > 0', *quarters.terms))} "
        f"ORDER BY t.quarter_ms {order} LIMIT 1)) AS {name}"
        for name, order in (("first_ms", "ASC"), ("last_ms", "DESC"))
    )
    both = [*events.values, *quarters.values]
    rows = view.database.rows(
        f"SELECT p.source, s.session, p.project, {ends} "
        f"FROM scope s JOIN place p ON p.id = s.place WHERE {places.text} ORDER BY 4, 3",
        [*both, *both, *places.values],
    )
    begun: dict[tuple[str, str], Activity] = {}
    for source, session, project, first_ms, last_ms in rows:
        if first_ms is not None:
            seen = begun.get((source, session))
            if seen is None:
                seen = Activity(source, session, project, first_ms, last_ms)
            begun[source, session] = replace(seen, last_ms=max(seen.last_ms, last_ms))
    return list(begun.values())


def count_sessions(view: View, part: Slice = ALL) -> int:
    """Return how many sessions were used in a range, to the quarter of an hour.

    Of all time these are the sessions known: also one that only repeats another's requests.
    """
    found = conditions(view, part)
    if part == ALL and view.user is None:
        # From one index, at a tenth of the time: of ten million events it matters.
        used = f"SELECT DISTINCT t.session FROM scope t WHERE {found.text}"
    else:
        between(found, "t.quarter_ms", part.since_ms, part.until_ms)
        used = (
            "SELECT DISTINCT p.source, s.session FROM scope s JOIN place p ON p.id = s.place "
            "WHERE s.id IN (SELECT DISTINCT t.scope FROM quarter t "
            f"{joins(found.tables, scoped=True)} WHERE {found.text} AND t.events > 0)"
        )
    counted: int = view.database.value(
        f"SELECT CAST(count(*) AS BIGINT) FROM ({used}) sessions", found.values
    )
    return counted


def _newest(view: View, part: Slice, limit: int, ends: tuple[int, int]) -> list[tuple[str, str]]:
    """Return source and id of the sessions last used in a range.

    Looks further back only while there are too few.
    """
    until_ms = min(part.until_ms, ends[1] + 1)
    window_ms = DAY_MS
    while True:
        since_ms = max(part.since_ms, until_ms - window_ms)
        found = conditions(view, part)
        between(found, "t.quarter_ms", since_ms, part.until_ms)
        # By scope first: their few names are looked up once each.
        rows = view.database.rows(
            "SELECT p.source, s.session, max(u.quarter_ms) FROM "
            "(SELECT t.scope, max(t.quarter_ms) AS quarter_ms FROM quarter t "
            f"{joins(found.tables, scoped=True)} WHERE {found.text} AND t.events > 0 GROUP BY 1) u "
            "JOIN scope s ON s.id = u.scope JOIN place p ON p.id = s.place "
            "GROUP BY 1, 2 ORDER BY 3 DESC LIMIT ?",
            [*found.values, limit],
        )
        if len(rows) >= limit or since_ms <= max(part.since_ms, ends[0]):
            return [(row[0], row[1]) for row in rows]
        # As far as it takes if there are as many everywhere, and a little further.
        further = limit * 5 // (4 * max(1, len(rows)))
        window_ms *= min(max(2, further), 16)


def _agents(view: View, named: Sequence[tuple[str, str]]) -> dict[int, _Agent]:
    """Return the agents of sessions, by their scopes."""
    if not named:
        return {}
    places = place_conditions(view, ALL)
    rows = view.database.rows(
        "SELECT s.id, p.source, s.session, s.agent, coalesce(a.kind, ''), "
        f"coalesce(a.parent, '') FROM scope s JOIN place p ON p.id = s.place {AGENT_JOIN} "
        f"WHERE s.workspace = ? AND {among('s.session', named)} AND {places.text}",
        [view.workspace, *(session for _, session in named), *places.values],
    )
    wanted = set(named)
    return {row[0]: _Agent(*row[1:]) for row in rows if (row[1], row[2]) in wanted}


def _totals(view: View, scopes: Sequence[int]) -> dict[int, dict[str, Usage]]:
    """Return all usage of scopes by model."""
    found: dict[int, dict[str, Usage]] = {}
    if scopes:
        rows = view.database.rows(
            f"SELECT t.scope, m.name, {sums()} FROM total t JOIN model m ON m.id = t.model "
            f"WHERE t.workspace = ? AND {among('t.scope', scopes)} GROUP BY 1, 2",
            [view.workspace, *scopes],
        )
        for scope, model, *figures in rows:
            found.setdefault(scope, {})[model] = Usage(*figures)
    return found


def _later(view: View, scopes: Sequence[int], until_ms: int) -> Iterator[tuple[int, str, Usage]]:
    """Yield what scopes used of a model from an instant on: requests, then whole quarters."""
    if not scopes:
        return
    whole_ms = -(-until_ms // QUARTER_MS) * QUARTER_MS
    named = among("t.scope", scopes)
    for columns, of, since_ms, end_ms in (
        (EVENT_SUMS, f"event t JOIN model m ON m.id = t.model WHERE t.grade < {GHOST} AND "
         "t.instant_ms", until_ms, whole_ms),
        (sums(), "quarter t JOIN model m ON m.id = t.model WHERE t.quarter_ms", whole_ms,
         OPEN_END_MS),
    ):  # fmt: skip
        rows = view.database.rows(
            f"SELECT t.scope, m.name, {columns} FROM {of} BETWEEN ? AND ? AND {named} "
            "GROUP BY 1, 2",
            [since_ms, end_ms - 1, *scopes],
        )
        yield from ((scope, model, Usage(*figures)) for scope, model, *figures in rows)


def _without(
    totals: dict[int, dict[str, Usage]], later: Iterable[tuple[int, str, Usage]]
) -> dict[int, dict[str, Usage]]:
    """Return totals without what came later."""
    for scope, model, usage in later:
        models = totals[scope]
        models[model] = models[model] - usage
        if models[model] == NO_USAGE:
            del models[model]
    return totals


def _large_prompts(view: View, scopes: Sequence[int], until_ms: int) -> dict[tuple[int, int], int]:
    """Return the largest prompt of a scope and model, where it proves a large window."""
    if not scopes:
        return {}
    rows = view.database.rows(
        f"SELECT t.scope, t.model, max({PROMPT}) FROM event t WHERE {among('t.scope', scopes)} "
        f"AND {PROMPT} > {WINDOW_TOKENS} AND t.grade < {GHOST} AND {_ONE_REQUEST} "
        # The sign keeps SQLite on the index of the few large ones.
        "AND +t.instant_ms < ? GROUP BY 1, 2",
        [*scopes, until_ms],
    )
    return {(row[0], row[1]): row[2] for row in rows}


def _last_events(view: View, scopes: Sequence[int], until_ms: int) -> list[Row]:
    """Return the last event of each scope that has one by then, with its first instant."""
    if not scopes:
        return []

    def end(column: str, order: str) -> str:
        return (
            f"(SELECT x.{column} FROM event x WHERE x.scope = s.id AND x.grade < {GHOST} "
            f"AND x.instant_ms < ? ORDER BY x.instant_ms {order}, x.key {order} LIMIT 1)"
        )

    return view.database.rows(
        f"SELECT s.id, {end('instant_ms', 'ASC')}, t.instant_ms, p.project, p.branch, "
        f"m.provider, m.name, m.tier, t.model, t.window_tokens, {LOG_PATH}, "
        f"CASE WHEN {_ONE_REQUEST} THEN {PROMPT} END FROM scope s JOIN place p ON p.id = s.place "
        f"JOIN event t ON t.key = {end('key', 'DESC')} JOIN model m ON m.id = t.model "
        f"LEFT JOIN log l ON l.id = t.log WHERE {among('s.id', scopes)}",
        [until_ms, until_ms, *scopes],
    )


def _fact(
    agent: _Agent, row: Row, totals: dict[str, Usage], large: dict[tuple[int, int], int]
) -> SessionFact:
    dearest = sorted(totals, key=lambda model: (-totals[model].auto_nano, model))
    return SessionFact(
        *(agent.source, agent.session, agent.agent, agent.kind, agent.parent),
        project=row[3],
        branch=row[4],
        first_ms=row[1],
        last_ms=row[2],
        models=tuple(dearest),
        last_model=ModelName(*row[5:8]),
        context_tokens=row[11],
        window=row[9],
        largest_prompt=large.get((row[0], row[8]), 0),
        path=row[10] or "",
        usage=reduce(add, totals.values()) if totals else NO_USAGE,
    )


def _joined(one: SessionFact, other: SessionFact) -> SessionFact:
    """Return an agent that worked in two places as one, standing where it worked last."""
    early, late = sorted((one, other), key=lambda fact: fact.last_ms)
    same_model = early.last_model == late.last_model
    return replace(
        late,
        first_ms=min(early.first_ms, late.first_ms),
        models=tuple(dict.fromkeys((*late.models, *early.models))),
        largest_prompt=max(late.largest_prompt, early.largest_prompt if same_model else 0),
        usage=early.usage + late.usage,
    )
