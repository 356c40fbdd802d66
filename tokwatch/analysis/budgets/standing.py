"""How a budget stands: what is spent of it, what is left, and how fast it goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from tokwatch.analysis.budgets.running_out import RunOut
from tokwatch.analysis.budgets.windows import Window
from tokwatch.model.budget import (
    Budget,
    BudgetUnit,
    Length,
    Scope,
    TokenClass,
    is_model,
    subject_of,
)
from tokwatch.model.facets import Amount
from tokwatch.model.standing import Standing
from tokwatch.model.units import DAY_MS, HOUR_MS

SOONEST: Final = 0.02
"""Of a length of time: earlier its pace says nothing."""
SPANS: Final = {
    Length.BLOCK: (HOUR_MS, HOUR_MS // 4, 3 * HOUR_MS),
    Length.DAY: (HOUR_MS, HOUR_MS // 4, 3 * HOUR_MS),
    Length.SESSION: (HOUR_MS, HOUR_MS // 4, 3 * HOUR_MS),
    Length.RUN: (HOUR_MS, HOUR_MS // 4, 3 * HOUR_MS),
    Length.WEEK: (DAY_MS, 6 * HOUR_MS, 7 * DAY_MS),
    Length.MONTH: (7 * DAY_MS, DAY_MS, 28 * DAY_MS),
}
"""The time up to the moment that tells the present rate, and what its band is between."""


def spent_of(budget: Budget, amount: Amount) -> int:
    """Return what an amount is in the unit of a budget."""
    return _spent(budget.unit, budget.tokens, amount)


def _spent(unit: str, tokens: str, amount: Amount) -> int:
    if unit == BudgetUnit.USD:
        return amount.nano
    if unit == BudgetUnit.REQUESTS:
        return amount.requests
    if tokens == TokenClass.ALL:
        return amount.tokens
    return int(getattr(amount, tokens))


def standing_of(
    budget: Budget,
    window: Window,
    amount: Amount,
    at_ms: int,
    ends: RunOut,
    own: tuple[Scope, ...] = (),
) -> Standing:
    """Return the standing of a budget, or of one of the names that have it each for itself."""
    spent = spent_of(budget, amount)
    scopes = (*budget.scopes, *own)
    share = spent / budget.limit
    is_money = budget.unit is BudgetUnit.USD
    return Standing(
        name=budget.name,
        subject=subject_of(scopes),
        unit=budget.unit.value,
        period=budget.per.value,
        start_ms=window.start_ms,
        end_ms=window.end_ms,
        limit=budget.limit,
        spent=spent,
        left=budget.limit - spent,
        share=share,
        pace=_pace(share, window, at_ms),
        runs_out_ms=ends.middle_ms,
        earliest_ms=ends.earliest_ms,
        latest_ms=ends.latest_ms,
        is_estimate=amount.derived > 0,
        lower_bound=amount.lower_bound > 0 or (is_money and amount.missing > 0),
        tokens=budget.tokens.value,
        unpriced_tokens=amount.missing if is_money else 0,
        scopes=scopes,
        split=budget.split,
    )


def _pace(share: float, window: Window, at_ms: int) -> float | None:
    """Return the share spent against the share of time gone."""
    if window.end_ms is None:
        return None
    gone = (at_ms - window.start_ms) / (window.end_ms - window.start_ms)
    return share / gone if gone >= SOONEST else None


def tightest(standings: Iterable[Standing]) -> Standing | None:
    """Return the budget of which the smallest share is left; those of sessions come last."""
    is_lasting = Length.SESSION.value
    return max(standings, key=lambda one: (one.period != is_lasting, one.share), default=None)


class Use(NamedTuple):
    """What one request used, and what it has of the names that budgets are for."""

    key: str
    at_ms: int
    amount: Amount
    names: Mapping[str, frozenset[str]]
    """Its names by dimension."""


def left_after(standings: Iterable[Standing], uses: Sequence[Use]) -> dict[str, tuple[str, int]]:
    """Return for each use the tightest budget that counts it, and what was left of that after it.

    The uses are the newest ones, the newest first; what a budget does not count is left out.
    """
    found: dict[str, tuple[float, str, int]] = {}
    for one in standings:
        left = one.left
        for use in uses:
            if not _counts(one, use):
                continue
            share = 1 - left / one.limit
            if use.key not in found or found[use.key][0] < share:
                found[use.key] = (share, one.name, left)
            left += _spent(one.unit, one.tokens, use.amount)
    return {key: (name, left) for key, (_, name, left) in found.items()}


def _counts(one: Standing, use: Use) -> bool:
    return use.at_ms >= one.start_ms and all(_has(use, scope) for scope in one.scopes)


def _has(use: Use, scope: Scope) -> bool:
    """Tell whether what one request used has a name."""
    names = use.names.get(scope.dimension, frozenset())
    return scope.name in names or (
        scope.dimension == "model" and any(is_model(one, scope.name) for one in names)
    )
