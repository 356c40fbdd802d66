"""What budgets and goals ask beyond plain sums: sessions as wholes, and prompts that tell less."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from tokwatch.model.facets import Amount, Facet, Portion
from tokwatch.model.units import MINUTE_MS
from tokwatch.model.usage import CostMode
from tokwatch.store.slices import EVENTS, QUARTERS, TOTALS, columns_of, slice_conditions, sums_of
from tokwatch.store.view import View, among, pieces

IN_WORKSPACE: Final = "t.workspace = ?"


class WholeSession(NamedTuple):
    """All that a session used, its agents included, and when it began."""

    amount: Amount
    first_ms: int
    """To the quarter of an hour."""


class Breadth(NamedTuple):
    """What a share or a mean of a range is taken of."""

    sessions: int
    blind_prompt: int
    """Prompt tokens of requests whose source does not tell cache reads."""


def whole_sessions(
    view: View, names: Sequence[str], portion: Portion | None = None
) -> dict[str, WholeSession]:
    """Return what some sessions used in all, by their id."""
    portion = portion or Portion(mode=CostMode.AUTO)
    terms = slice_conditions(view, portion, QUARTERS)
    # The few scopes are of the workspace: naming it again would mislead SQLite's planner.
    within = [term for term in terms.terms if term != IN_WORKSPACE]
    values = terms.values[len(terms.terms) - len(within) :]
    found: dict[str, WholeSession] = {}
    for some in pieces(names):
        inside = ["s.workspace = ?", among("s.session", some), *within]
        rows = view.database.rows(
            f"SELECT s.session, min(t.quarter_ms), {sums_of(columns_of(QUARTERS, portion.mode))}"
            " FROM scope s CROSS JOIN quarter t"
            f" WHERE t.scope = s.id AND {' AND '.join(inside)}"
            " GROUP BY 1 HAVING sum(t.events) > 0",
            [view.workspace, *some, *values],
        )
        found |= {row[0]: WholeSession(Amount(*row[2:]), row[1]) for row in rows}
    return found


def used_minutes(view: View, portion: Portion | None = None) -> list[int]:
    """Return the minutes in which a request was made, the first first."""
    terms = slice_conditions(view, portion or Portion(), EVENTS)
    rows = view.database.rows(
        f"SELECT DISTINCT t.instant_ms / {MINUTE_MS} * {MINUTE_MS} FROM event t"
        f" WHERE {terms.text} ORDER BY 1",
        terms.values,
    )
    return [row[0] for row in rows]


def breadth(view: View, portion: Portion | None = None) -> Breadth:
    """Return how many sessions a portion is of, and which of its prompts tell no cache reads."""
    portion = portion or Portion()
    is_all = portion.part == Portion().part and Facet.HOUR not in portion.facets
    grain = TOTALS if is_all else QUARTERS
    terms = slice_conditions(view, portion, grain)
    rows = view.database.rows(
        "SELECT CAST(count(DISTINCT s.session) AS BIGINT),"
        " CAST(coalesce(sum(t.blind_prompt), 0) AS BIGINT)"
        f" FROM {grain.table} t JOIN scope s ON s.id = t.scope"
        f" WHERE t.events > 0 AND {terms.text}",
        terms.values,
    )
    return Breadth(*rows[0])
