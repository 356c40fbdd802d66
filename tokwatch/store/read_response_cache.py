"""What gateways' logs tell of a response cache of their own."""

from __future__ import annotations

from tokwatch.caching import GatewaySum
from tokwatch.model import Slice
from tokwatch.store.view import ALL, View, event_conditions, joins


def gateway_sums(view: View, part: Slice = ALL) -> list[GatewaySum]:
    """Return what each source's logs tell of answers that were not asked for at the provider.

    A request that several logs tell of counts for each of their sources.
    """
    found = event_conditions(view, part)
    where = f"{joins(found.tables, scoped=True)}"
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
