"""Requests in bulk: sums of those that any price list would price alike."""

from __future__ import annotations

from typing import Final

from tokwatch.model.event import Grade, ModelName
from tokwatch.model.facets import Facet, Portion
from tokwatch.model.repricing import Bulk, Edges
from tokwatch.model.usage import Usage
from tokwatch.store.read.measured import COST, MEASURED, MISSING, PROMPT
from tokwatch.store.read.tools import tools_of
from tokwatch.store.slices import EVENTS, slice_conditions
from tokwatch.store.view import View

ALL: Final = Portion()
NO_EDGES: Final = Edges()
_SIZE: Final = (
    f"CASE WHEN t.grade = {Grade.DERIVED:d} THEN 0"
    f" WHEN t.requests > 1 THEN ({PROMPT}) / t.requests ELSE {PROMPT} END"
)
"""The prompt that decides the tier of a price, as when the event was priced."""
_LARGEST: Final = f"CASE WHEN t.grade <> {Grade.DERIVED:d} AND t.requests = 1 THEN {PROMPT} END"
_OF_EVENT: Final = dict(zip(Usage.__struct_fields__, MEASURED, strict=True))


def bulks(view: View, portion: Portion = ALL, edges: Edges = NO_EDGES) -> list[Bulk]:
    """Return the requests of a portion by model, period and band of sizes; for short ranges.

    Requests that were pruned are in none: their sums do not tell how large each was.
    """
    found = slice_conditions(view, portion, EVENTS)
    period = _step("t.instant_ms", ">=", edges.instants_ms, 0)
    band = _step(_SIZE, ">", edges.tokens, -1)
    columns = (
        *(_OF_EVENT[name] for name in ("requests", "input", "cache_read", "cache_write_5m")),
        *(_OF_EVENT[name] for name in ("cache_write_1h", "output", "web_searches")),
        *(_OF_EVENT["computed_nano"], _OF_EVENT["unpriced_tokens"], COST[portion.mode]),
        _OF_EVENT.get(MISSING[portion.mode], "0"),
    )
    sums = ", ".join(f"CAST(sum({column}) AS BIGINT)" for column in columns)
    group = "GROUP BY 1, 2, 3" + (", 4" if Facet.TOOL in portion.facets else "")
    key = "t.key" if Facet.TOOL in portion.facets else "0"
    rows = view.database.rows(
        f"SELECT t.model, {period}, {band}, {key}, {sums}, coalesce(max({_LARGEST}), 0) "
        f"FROM event t WHERE {found.text} {group}",
        found.values,
    )
    if Facet.TOOL in portion.facets:
        tools = tools_of(view, portion.part)
        picked = [pick.value for pick in portion.picks if pick.facet is Facet.TOOL]
        rows = [row for row in rows if all(tools.of(row[3]) == one for one in picked)]
    names = view.database.rows(
        "SELECT id, provider, name, tier FROM model WHERE workspace = ?", (view.workspace,)
    )
    models = {row[0]: ModelName(*row[1:]) for row in names}
    return [Bulk._make((models[row[0]], *row[1:3], *row[4:])) for row in rows]


def _step(value: str, beyond: str, edges: tuple[int, ...], first: int) -> str:
    """Return the last edge that a value is beyond, as SQL."""
    if not edges:
        return str(first)
    cases = " ".join(f"WHEN {value} {beyond} {edge:d} THEN {edge:d}" for edge in reversed(edges))
    return f"CASE {cases} ELSE {first} END"
