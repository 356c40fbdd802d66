"""What logs tell of requests beside their tokens: durations, retries, answers from a cache."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tokwatch.store.view import ALL, View, among, event_conditions, joins, pieces


class ToldFact(NamedTuple):
    """One log's word on one request."""

    name: str
    """One of `model.FACTS`."""
    value: int
    source: str


def request_facts(view: View, key: int) -> list[ToldFact]:
    """Return what logs tell of one request, by name and source."""
    found = event_conditions(view, ALL)
    found.add("t.key = ?", key)
    rows = view.database.rows(
        "SELECT f.name, f.value, l.source FROM event t "
        "JOIN request_fact f ON f.key = t.key JOIN log l ON l.id = f.log "
        f"{joins(found.tables, scoped=True)} WHERE {found.text} ORDER BY 1, 3, 2",
        found.values,
    )
    return [ToldFact(*row) for row in rows]


def facts_by_request(view: View, keys: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return what logs tell of some requests, by event key and name; the largest value counts."""
    # Few keys are asked for: naming the events' workspace too would mislead SQLite's planner.
    found = event_conditions(view, ALL, scoped=True)
    found.add("f.workspace = ?", view.workspace)
    told: dict[int, dict[str, int]] = {}
    for some in pieces(keys):
        rows = view.database.rows(
            "SELECT f.key, f.name, max(f.value) FROM request_fact f JOIN event t ON t.key = f.key "
            f"{joins(found.tables, scoped=True)} WHERE {among('f.key', some)} AND {found.text} "
            "GROUP BY 1, 2 ORDER BY 1, 2",
            [*some, *found.values],
        )
        for key, name, value in rows:
            told.setdefault(key, {})[name] = value
    return told
