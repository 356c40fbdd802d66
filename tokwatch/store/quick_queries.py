"""Queries that are kept as text, for commands that must not load what makes them.

Each has its values; some take more behind them.
"""

from __future__ import annotations

from tokwatch.model.facets import Portion
from tokwatch.model.units import QUARTER_MS
from tokwatch.model.usage import CostMode
from tokwatch.store.read.measured import COST
from tokwatch.store.slices import EVENTS, QUARTERS, columns_of, grain_of, slice_conditions, sums_of
from tokwatch.store.view import GHOST, View

Query = tuple[str, list[object]]


def sums_query(
    view: View, portion: Portion, *, of_session: bool = False, is_exact: bool = False
) -> Query:
    """Return what sums a portion up when it is run: one row, in the order of an `Amount`.

    That of one session takes its id behind the values.
    """
    grain = EVENTS if is_exact else QUARTERS if of_session else grain_of(view, portion, ())
    terms = slice_conditions(view, portion, grain)
    if of_session:
        terms.add(
            "t.scope IN (SELECT s.id FROM scope s WHERE s.workspace = ? AND s.session = ?)",
            view.workspace,
        )
    columns = sums_of(columns_of(grain, portion.mode))
    return (
        f"SELECT {columns} FROM {grain.table} t WHERE {terms.text}",
        terms.values,
    )


def cost_since_query(view: View, mode: CostMode) -> Query:
    """Return what tells the cost after an instant, which comes twice behind the values."""
    return (
        f"SELECT CAST(sum({COST[mode]}) AS BIGINT) FROM event t WHERE t.scope IN"
        " (SELECT q.scope FROM quarter q WHERE q.workspace = ?"
        f" AND q.quarter_ms > ? - {QUARTER_MS}) AND t.grade < {GHOST} AND t.instant_ms > ?",
        [view.workspace],
    )


def newest_query(view: View) -> Query:
    """Return what tells the instant of the newest request."""
    newest = "SELECT max(n.quarter_ms) FROM quarter n WHERE n.workspace = ?"
    return (
        "SELECT max(t.instant_ms) FROM event t WHERE t.scope IN (SELECT q.scope FROM quarter q"
        f" WHERE q.workspace = ? AND q.quarter_ms = ({newest})) AND t.grade < {GHOST}",
        [view.workspace, view.workspace],
    )


def open_alerts_query(view: View) -> Query:
    """Return what counts open alerts that nobody acknowledged or snoozed at an instant."""
    return (
        "SELECT count(*) FROM alert a WHERE a.workspace = ? AND a.closed_ms IS NULL"
        " AND a.acknowledged_ms IS NULL"
        " AND (a.snoozed_until_ms IS NULL OR a.snoozed_until_ms <= ?)",
        [view.workspace],
    )
