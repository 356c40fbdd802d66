"""Response caches: what gateways' logs tell of theirs, and what a simulated one is asked."""

from __future__ import annotations

from typing import NamedTuple

from tokwatch.model.caching import GatewaySum
from tokwatch.model.repeats import Answer
from tokwatch.model.usage import CostMode, Slice
from tokwatch.store.read.detail import SESSION, add_owner
from tokwatch.store.read.measured import COST, PROMPT
from tokwatch.store.view import (
    ALL,
    GHOST,
    Conditions,
    View,
    event_conditions,
    joins,
    log_conditions,
    place_conditions,
)


def gateway_sums(view: View, part: Slice = ALL) -> list[GatewaySum]:
    """Return what each source's logs tell of answers that were not asked for at the provider.

    A request that several logs tell of counts for each of their sources.
    """
    found = event_conditions(view, part)
    where = joins(found.tables, scoped=True)
    rows = view.database.rows(
        "SELECT l.source, CAST(count(DISTINCT told.key) AS BIGINT), "
        f"{_sum('hit.value > 0', '1')}, {_sum('saved.value > 0', 'saved.value')}, "
        f"{_sum('hit.value > 0 AND saved.value IS NULL', '1')}, "
        f"{_sum('cut.value > 0', '1')}, {_sum('cut.value > 0', 'cut.value')} FROM ("
        f"SELECT t.key AS key, t.log AS log FROM event t {where} WHERE {found.text} UNION "
        f"SELECT t.key, y.log FROM event t JOIN copy y ON y.key = t.key {where} "
        f"WHERE {found.text}) told JOIN log l ON l.id = told.log "
        f"{_fact('hit', 'response_cache_hit')} {_fact('saved', 'response_cache_nano')} "
        f"{_fact('cut', 'tokens_saved')} GROUP BY l.source ORDER BY l.source",
        [*found.values, *found.values],
    )
    return [GatewaySum(*row) for row in rows]


def _fact(alias: str, name: str) -> str:
    return (
        f"LEFT JOIN request_fact {alias} ON {alias}.key = told.key"
        f" AND {alias}.log = told.log AND {alias}.name = '{name}'"
    )


def _sum(condition: str, value: str) -> str:
    return f"CAST(sum(CASE WHEN {condition} THEN {value} ELSE 0 END) AS BIGINT)"


def newest_log(view: View) -> int:
    """Return a number that grows with each log that is read for the first time."""
    found = log_conditions(view)
    newest: int | None = view.database.value(
        f"SELECT max(g.id) FROM log g WHERE {found.text}", found.values
    )
    return newest or 0


class DetailMark(NamedTuple):
    """A session of whose requests the content is known, as far as its logs were read."""

    source: str
    session: str
    last_ms: int
    blocks: int
    """Grows with what is known."""


def detail_marks(view: View, part: Slice = ALL) -> list[DetailMark]:
    """Return the sessions whose known blocks lie in a range, at least in part; the newest first."""
    found = Conditions()
    found.add("k.workspace = ?", view.workspace)
    if view.user is not None:
        add_owner(found, SESSION, (), "p.user_name = ?", (view.user,))
    rows = view.database.rows(
        f"SELECT source, session, max(last_ms), CAST(sum(last + 1) AS BIGINT) FROM (SELECT "
        f"g.source AS source, {SESSION} AS session, {_end('instant_ms', 'ASC')} AS first_ms, "
        f"{_end('instant_ms', 'DESC')} AS last_ms, {_end('number', 'DESC')} AS last "
        f"FROM strand k JOIN log g ON g.id = k.log WHERE {found.text}) ends "
        "WHERE last_ms >= ? AND first_ms < ? GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
        [*found.values, part.since_ms, part.until_ms],
    )
    return [DetailMark(*row) for row in rows]


def answers(view: View, source: str, session: str, mode: CostMode = CostMode.AUTO) -> list[Answer]:
    """Return the requests of a session, in order, and which of them are known to have failed."""
    places = place_conditions(view, Slice(sources=(source,)))
    rows = view.database.rows(
        f"SELECT t.key, t.instant_ms, m.name, {PROMPT} + coalesce(t.output, 0), {COST[mode]}, "
        "CASE WHEN EXISTS (SELECT 1 FROM request_fact f WHERE f.key = t.key"
        " AND f.name = 'http_status' AND f.value >= 400) THEN 1 ELSE 0 END,"
        " (SELECT max(f.value) FROM request_fact f WHERE f.key = t.key"
        " AND f.name = 'temperature'), s.agent "
        "FROM scope s JOIN place p ON p.id = s.place JOIN event t ON t.scope = s.id "
        "JOIN model m ON m.id = t.model WHERE s.workspace = ? AND s.session = ? "
        f"AND t.grade < {GHOST} AND {places.text} ORDER BY t.instant_ms, t.key",
        [view.workspace, session, *places.values],
    )
    return [Answer(*row) for row in rows]


def _end(column: str, order: str) -> str:
    return (
        f"(SELECT b.{column} FROM block b WHERE b.strand = k.id ORDER BY b.number {order} LIMIT 1)"
    )
