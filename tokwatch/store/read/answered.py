"""Requests one by one: what they took, and what logs tell of how they were answered."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from msgspec.structs import replace

from tokwatch.model.event import Grade
from tokwatch.model.performance import Answered
from tokwatch.model.units import OPEN_END_MS
from tokwatch.model.usage import CostMode, Dimension, Slice
from tokwatch.store.connect import Row
from tokwatch.store.newest import newest_first
from tokwatch.store.read.measured import PROMPT
from tokwatch.store.view import (
    AGENT_JOIN,
    ALL,
    SCOPE_COLUMNS,
    Conditions,
    View,
    among,
    between,
    event_conditions,
    joins,
    pieces,
)

REQUESTS_AT_ONCE: Final = 1_500
COST_OR_NONE: Final = {
    CostMode.AUTO: "coalesce(t.logged_nano, t.computed_nano)",
    CostMode.CALCULATE: "t.computed_nano",
    CostMode.DISPLAY: "t.logged_nano",
}
_FACTS: Final = ("duration_ms", "first_token_ms", "retries", "http_status", "response_cache_hit")

Whose = tuple[str, str, str, str]
"""Source, session, agent and its sort."""


def answered(
    view: View,
    part: Slice = ALL,
    mode: CostMode = CostMode.AUTO,
    most: int = OPEN_END_MS,
) -> list[Answered]:
    """Return the newest requests of a range, the oldest of them first."""
    rows = _newest(view, part, mode, most)
    if not rows:
        return []
    rows.reverse()
    within = replace(part, since_ms=rows[0][1])
    whose = _whose(view, {row[2] for row in rows})
    named = view.database.rows("SELECT id, name FROM model WHERE workspace = ?", (view.workspace,))
    models: dict[int, str] = {row[0]: row[1] for row in named}
    begun, facts = _begun(view, within), _facts(view, within)
    return [
        Answered._make(
            (
                *(row[0], row[1], *whose[row[2]], models[row[3]], *row[4:8]),
                *(row[8] != 0, row[9] == Grade.DERIVED, begun.get(row[0])),
                *_of_facts(facts.get(row[0])),
            )
        )
        for row in rows
    ]


def _newest(view: View, part: Slice, mode: CostMode, most: int) -> list[Row]:
    """Return the newest requests of a range, the newest first; read in pieces."""
    rows: list[Row] = []
    for piece in newest_first(view, part, min(most, REQUESTS_AT_ONCE)):
        found = event_conditions(view, piece)
        rows += view.database.rows(
            f"SELECT t.key, t.instant_ms, t.scope, t.model, t.requests, {PROMPT}, t.output, "
            f"{COST_OR_NONE[mode]}, t.final, t.grade FROM event t "
            f"{joins(found.tables, scoped=True)} WHERE {found.text} "
            "ORDER BY t.instant_ms DESC, t.key DESC LIMIT ?",
            [*found.values, most - len(rows)],
        )
        if len(rows) >= most:
            break
    return rows


Facts = tuple[int | None, int | None, int | None, int | None, bool]
"""The fields of `Answered` from `duration_ms` on."""


def _of_facts(told: dict[str, int] | None) -> Facts:
    """Return what facts tell, in the order of the fields that hold it."""
    if told is None:
        return (None, None, None, None, False)
    duration, first_token, retries, status, is_from_cache = map(told.get, _FACTS)
    return duration, first_token, retries, status, bool(is_from_cache)


def _whose(view: View, scopes: Collection[int]) -> dict[int, Whose]:
    kind = SCOPE_COLUMNS[Dimension.KIND]
    return {
        row[0]: (row[1], row[2], row[3], row[4])
        for some in pieces(sorted(scopes))
        for row in view.database.rows(
            f"SELECT s.id, p.source, s.session, s.agent, {kind} FROM scope s "
            f"JOIN place p ON p.id = s.place {AGENT_JOIN} WHERE {among('s.id', some)}",
            some,
        )
    }


def _begun(view: View, part: Slice) -> dict[int, int]:
    """Return when that was there which stands right before each answer in its own log.

    Not where the log dates a request before its answer: then it tells when the request began.
    """
    blocks = Conditions()
    blocks.add("t.workspace = ? AND t.request <> 0", view.workspace)
    between(blocks, "t.instant_ms", part.since_ms, part.until_ms)
    found = event_conditions(view, replace(part, since_ms=0, until_ms=OPEN_END_MS))
    rows = view.database.rows(
        "SELECT b.request, (SELECT p.instant_ms FROM block p WHERE p.strand = b.strand"
        " AND p.number < b.first AND p.request <> b.request ORDER BY p.number DESC LIMIT 1)"
        " FROM (SELECT t.strand, t.request, min(t.number) AS first, min(t.instant_ms) AS said_ms"
        " FROM block t"
        f" WHERE {blocks.text} GROUP BY 1, 2) b JOIN strand k ON k.id = b.strand"
        " JOIN event t ON t.key = b.request AND t.log = k.log AND t.instant_ms >= b.said_ms"
        f" {joins(found.tables, scoped=True)} WHERE {found.text}",
        [*blocks.values, *found.values],
    )
    begun: dict[int, int] = {}
    for key, at_ms in rows:
        if at_ms is not None:
            begun[key] = max(at_ms, begun.get(key, 0))
    return begun


def _facts(view: View, part: Slice) -> dict[int, dict[str, int]]:
    """Return what logs tell of requests; where several do, the largest value."""
    if view.database.value("SELECT 1 FROM request_fact LIMIT 1") is None:
        return {}
    found = event_conditions(view, part)
    found.among("f.name", _FACTS)
    rows: list[Row] = view.database.rows(
        "SELECT f.key, f.name, max(f.value) FROM event t JOIN request_fact f ON f.key = t.key "
        f"{joins(found.tables, scoped=True)} WHERE {found.text} GROUP BY 1, 2",
        found.values,
    )
    facts: dict[int, dict[str, int]] = {}
    for key, name, value in rows:
        facts.setdefault(key, {})[name] = value
    return facts
