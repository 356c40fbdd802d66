"""What triage asks: usage by every dimension at once, costs over time, what was before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from tokwatch.model.units import DAY_MS, QUARTER_MS
from tokwatch.model.usage import Cell, CostMode, Dimension, Slice, Usage
from tokwatch.store.connect import Row
from tokwatch.store.cuts import by_width
from tokwatch.store.later import rest_of_quarter, without
from tokwatch.store.read.measured import CELL_COST, COST, EVENT_SUMS
from tokwatch.store.read.usage import MEASURES, sums
from tokwatch.store.view import (
    AGENT_JOIN,
    MODEL_COLUMNS,
    PLACE_COLUMNS,
    SCOPE_COLUMNS,
    Conditions,
    View,
    among,
    between,
    bucket_of,
    conditions,
    event_conditions,
    joins,
    pieces,
    place_conditions,
)

if TYPE_CHECKING:
    from tokwatch.model.history import Failure, KnownBefore, MemorySeen

LONG_MS: Final = 3 * DAY_MS
"""Agents are at work for hours: in a range of this length few cross its ends."""

Only = Sequence[tuple[Dimension, str]]
"""Dimensions and the values that count; all must hold."""


def dimensions_usage(view: View, part: Slice, by: tuple[Dimension, ...]) -> list[Cell]:
    """Return usage by many dimensions, but those of time; it ends to the millisecond.

    Sums by row ids and looks up the names of those that occur: half of the time of a join.
    """
    is_long = part.until_ms - part.since_ms > LONG_MS
    rows = _of_totals(view, part) if is_long else _of_quarters(view, part)
    if (rest := rest_of_quarter(part)) is not None:
        found = event_conditions(view, rest)
        later = view.database.rows(
            f"SELECT t.scope, t.model, {EVENT_SUMS} FROM event t "
            f"{joins(found.tables, scoped=True)} WHERE {found.text} GROUP BY 1, 2",
            found.values,
        )
        rows = without(rows, later, 2)
    of_model = [one for one in by if one in MODEL_COLUMNS]
    of_scope = [one for one in by if one not in MODEL_COLUMNS]
    scopes = _scope_names(view, {row[0] for row in rows}, of_scope)
    models = _model_names(view, of_model)
    in_order = _picking([*of_scope, *of_model], by)
    return [Cell(in_order(scopes[row[0]] + models[row[1]]), Usage(*row[2:])) for row in rows]


def _of_quarters(view: View, part: Slice, scopes: Sequence[int] = ()) -> list[Row]:
    """Return usage by scope and model, of those scopes alone where any are named."""
    found = conditions(view, part, scoped=bool(scopes))
    between(found, "t.quarter_ms", part.since_ms, part.until_ms)
    if scopes:
        found.add(among("t.scope", scopes), *scopes)
    return view.database.rows(
        f"SELECT t.scope, t.model, {sums()} FROM quarter t {joins(found.tables, scoped=True)} "
        f"WHERE {found.text} GROUP BY 1, 2 HAVING sum(t.events) > 0 ORDER BY 1, 2",
        found.values,
    )


def _of_totals(view: View, part: Slice) -> list[Row]:
    """Return the same of a long range, with a third of the work.

    Most agents were at work within it alone: what they used in it are their totals.
    """
    used: Counter[tuple[int, int]] = Counter()
    for of in by_width(part, LONG_MS):
        used.update(_events_of(view, of))
    rows: dict[tuple[int, int], Row] = {}
    for some in pieces(sorted({scope for scope, _ in used})):
        for row in view.database.rows(
            f"SELECT t.scope, t.model, t.events, {', '.join(f't.{name}' for name in MEASURES)} "
            f"FROM total t WHERE t.workspace = ? AND {among('t.scope', some)}",
            [view.workspace, *some],
        ):
            if used.get(row[:2]) == row[2]:
                rows[row[:2]] = (*row[:2], *row[3:])
    others = sorted({scope for scope, model in used if (scope, model) not in rows})
    for some in pieces(others):
        for row in _of_quarters(view, part, some):
            rows[row[:2]] = row
    return sorted(rows.values())


def _events_of(view: View, part: Slice) -> dict[tuple[int, int], int]:
    """Return how many events an agent has of a model, by row ids, where there are any."""
    found = conditions(view, part)
    between(found, "t.quarter_ms", part.since_ms, part.until_ms)
    rows = view.database.rows(
        "SELECT t.scope, t.model, CAST(sum(t.events) AS BIGINT) FROM quarter t "
        f"{joins(found.tables, scoped=True)} WHERE {found.text} GROUP BY 1, 2",
        found.values,
    )
    return {(scope, model): events for scope, model, events in rows if events}


def _picking(
    named: list[Dimension], by: tuple[Dimension, ...]
) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    """Return what puts the names of some dimensions into the order of others."""
    places = [named.index(one) for one in by]
    if len(places) == 1:
        return lambda names: (names[places[0]],)
    return itemgetter(*places)


def _scope_names(view: View, ids: set[int], by: Sequence[Dimension]) -> dict[int, tuple[str, ...]]:
    columns = {**SCOPE_COLUMNS, **PLACE_COLUMNS}
    names = ", ".join(["s.id", *(columns[one] for one in by)])
    found: dict[int, tuple[str, ...]] = {}
    for some in pieces(sorted(ids)):
        rows = view.database.rows(
            f"SELECT {names} FROM scope s JOIN place p ON p.id = s.place {AGENT_JOIN} "
            f"WHERE {among('s.id', some)}",
            some,
        )
        found |= {row[0]: tuple(row[1:]) for row in rows}
    return found


def _model_names(view: View, by: Sequence[Dimension]) -> dict[int, tuple[str, ...]]:
    names = ", ".join(["m.id", *(MODEL_COLUMNS[one] for one in by)])
    rows = view.database.rows(
        f"SELECT {names} FROM model m WHERE m.workspace = ?", (view.workspace,)
    )
    return {row[0]: tuple(row[1:]) for row in rows}


def costs_over_time(
    view: View,
    part: Slice,
    bucket_ms: int = QUARTER_MS,
    mode: CostMode = CostMode.AUTO,
    only: Only = (),
) -> list[tuple[int, int]]:
    """Return (bucket's start, nano-dollars), the oldest first.

    Buckets are whole divisions of UTC time; those finer than a roll-up's are made from events.
    """
    rows = _in_buckets(view, part, bucket_ms, mode, only, is_fine=bucket_ms % QUARTER_MS > 0)
    if not bucket_ms % QUARTER_MS and (rest := rest_of_quarter(part)) is not None:
        rows = without(rows, _in_buckets(view, rest, bucket_ms, mode, only, is_fine=True), 1)
    return [(at_ms, nano) for at_ms, nano in rows]


def _in_buckets(
    view: View, part: Slice, bucket_ms: int, mode: CostMode, only: Only, *, is_fine: bool
) -> list[Row]:
    """Return (bucket's start, nano-dollars), from events or from roll-ups."""
    if is_fine:
        found, cost, at = event_conditions(view, part), COST[mode], "t.instant_ms"
    else:
        found, cost, at = conditions(view, part), f"t.{CELL_COST[mode]}", "t.quarter_ms"
        between(found, at, part.since_ms, part.until_ms)
    _narrow(found, only)
    table, where = "event" if is_fine else "quarter", f"WHERE {found.text} "
    told = f"{table} t {joins(found.tables, scoped=True)} {where}"
    if not is_fine and bucket_ms != QUARTER_MS:
        # Quarters are stored in their order: summing them up first leaves few rows to be sorted.
        told = f"(SELECT {at}, sum({cost}) AS nano FROM {told}GROUP BY 1) t "
        cost = "t.nano"
    return view.database.rows(
        f"SELECT {bucket_of(at, bucket_ms)}, CAST(sum({cost}) AS BIGINT) FROM {told}"
        "GROUP BY 1 ORDER BY 1",
        found.values,
    )


def _narrow(found: Conditions, only: Only) -> None:
    """Ask for values of dimensions."""
    columns = {**MODEL_COLUMNS, **SCOPE_COLUMNS, **PLACE_COLUMNS}
    for dimension, value in only:
        column = columns[dimension]
        found.add(f"{column} = ?", value)
        found.tables.update(alias for alias in "spma" if f"{alias}." in column)


def failures(view: View, part: Slice, sessions: Sequence[str]) -> list[Failure]:
    """Return the requests of some sessions that were retried or failed, the oldest first."""
    from tokwatch.model.history import Failure

    if not sessions:
        return []
    found = event_conditions(view, part, scoped=True)
    named = f"SELECT id FROM scope WHERE workspace = ? AND {among('session', sessions)}"
    found.add(f"t.scope IN ({named})", view.workspace, *sessions)
    rows = view.database.rows(
        "SELECT t.key, t.instant_ms, p.source, s.session, s.agent, "
        "max(CASE WHEN f.name = 'retries' THEN f.value ELSE 0 END), "
        "max(CASE WHEN f.name = 'http_status' THEN f.value ELSE 0 END) "
        f"FROM event t {joins({'s', 'p'}, scoped=True)} JOIN request_fact f ON f.key = t.key "
        f"WHERE {found.text} AND f.name IN ('retries', 'http_status') AND f.value > 0 "
        "GROUP BY 1, 2, 3, 4, 5 ORDER BY 2, 1",
        found.values,
    )
    return [Failure(*row) for row in rows]


def memory_files(view: View, sessions: Sequence[str], until_ms: int) -> list[MemorySeen]:
    """Return the named memory files that some sessions took in before an instant, in order.

    Known of sessions whose conversation was read.
    """
    from tokwatch.model.history import MemorySeen
    from tokwatch.store.read.detail import SESSION, add_owner

    if not sessions:
        return []
    found = Conditions()
    found.add("g.workspace = ?", view.workspace)
    found.add(f"{SESSION} IN ({', '.join('?' * len(sessions))})", *sessions)
    found.add("t.part = 'memory' AND t.subject <> 0 AND t.instant_ms < ?", until_ms)
    if view.user is not None:
        add_owner(found, SESSION, (), "p.user_name = ?", (view.user,))
    rows = view.database.rows(
        f"SELECT t.instant_ms, g.source, {SESSION}, k.agent, t.subject, t.digest, t.tokens "
        "FROM log g JOIN strand k ON k.log = g.id JOIN block t ON t.strand = k.id "
        f"WHERE {found.text} ORDER BY t.instant_ms, t.strand, t.number",
        found.values,
    )
    return [MemorySeen(*row) for row in rows]


def known_before(view: View, since_ms: int, sessions: Sequence[str] = ()) -> KnownBefore:
    """Return which of some sessions, and which projects and models, were in use before."""
    from tokwatch.model.history import KnownBefore

    names = _model_names(view, (Dimension.MODEL,))
    return KnownBefore(
        frozenset(_begun_before(view, since_ms, sessions)),
        frozenset(_projects_before(view, since_ms)),
        frozenset(names[model][0] for model in _models_before(view, since_ms)),
    )


def _models_before(view: View, since_ms: int) -> Iterable[int]:
    # Days are those of the stored zone: the two before are looked at by the quarter of an hour.
    day = since_ms // DAY_MS - 2
    found = conditions(view, Slice())
    older = view.database.rows(
        "SELECT DISTINCT t.model FROM day t "
        f"{joins(found.tables, scoped=False)} WHERE {found.text} AND t.day < ?",
        [*found.values, day],
    )
    between(found, "t.quarter_ms", (day - 1) * DAY_MS, since_ms)
    newer = view.database.rows(
        "SELECT DISTINCT t.model FROM quarter t "
        f"{joins(found.tables, scoped=True)} WHERE {found.text}",
        found.values,
    )
    return {row[0] for row in [*older, *newer]}


def _projects_before(view: View, since_ms: int) -> Iterable[str]:
    """Return the projects in use before; of each place the first use is found by an index."""
    places = place_conditions(view, Slice())
    rows: list[Row] = view.database.rows(
        f"SELECT DISTINCT p.project FROM place p WHERE {places.text} AND EXISTS (SELECT 1 "
        "FROM scope s JOIN quarter q ON q.scope = s.id WHERE s.place = p.id AND q.quarter_ms < ?)",
        [*places.values, since_ms],
    )
    return (row[0] for row in rows)


def _begun_before(view: View, since_ms: int, sessions: Sequence[str]) -> Iterable[str]:
    if not sessions:
        return ()
    places = place_conditions(view, Slice())
    rows: list[Row] = view.database.rows(
        "SELECT DISTINCT s.session FROM scope s JOIN place p ON p.id = s.place "
        f"JOIN quarter q ON q.scope = s.id WHERE s.workspace = ? "
        f"AND {among('s.session', sessions)} AND {places.text} AND q.quarter_ms < ?",
        [view.workspace, *sessions, *places.values, since_ms],
    )
    return (row[0] for row in rows)
