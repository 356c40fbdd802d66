"""How far a goal is reached: a measure now, in its baseline, and at its target."""

from __future__ import annotations

from typing import Final, NamedTuple

from tokwatch.analysis.budgets.windows import Window
from tokwatch.model.budget import Goal, subject_of
from tokwatch.model.facets import Amount
from tokwatch.model.standing import GoalStanding
from tokwatch.model.units import NANO

UNITS: Final = {
    "cache_hit_rate": "share",
    "output_share": "share",
    "cost_per_request": "usd",
    "cost_per_million_tokens": "usd",
    "cost_per_session": "usd",
    "cost": "usd",
    "tokens_per_request": "tokens",
    "tokens": "tokens",
    "requests": "count",
}
"""What the value of each measure is; one in dollars is in nano-dollars."""
SUMS: Final = frozenset({"cost", "tokens", "requests"})
"""Measures that grow with time: a baseline is scaled to the length of the period."""


class GoalUse(NamedTuple):
    """What was used in a range, and what its means are taken of."""

    amount: Amount
    sessions: int
    blind_prompt: int


def value_of(measure: str, use: GoalUse) -> float | None:
    """Return a measure of what was used; None where nothing tells."""
    amount = use.amount
    prompt = amount.input + amount.cache_read + amount.cache_write
    over = {
        "cache_hit_rate": (amount.cache_read, prompt - use.blind_prompt),
        "output_share": (amount.output, amount.tokens),
        "cost_per_request": (amount.nano, amount.requests),
        "cost_per_million_tokens": (amount.nano * 1_000_000, amount.tokens),
        "cost_per_session": (amount.nano, use.sessions),
        "tokens_per_request": (amount.tokens, amount.requests),
        "cost": (amount.nano, 1),
        "tokens": (amount.tokens, 1),
        "requests": (amount.requests, 1),
    }
    above, below = over[measure]
    return above / below if below > 0 and amount.requests > 0 else None


def goal_standing(
    goal: Goal, window: Window, now: GoalUse, before: Window, then: GoalUse
) -> GoalStanding:
    """Return how far a goal is reached."""
    end_ms, before_end_ms = window.end_ms or 0, before.end_ms or 0
    value, baseline = value_of(goal.measure, now), value_of(goal.measure, then)
    if goal.measure in SUMS and baseline is not None:
        baseline *= (end_ms - window.start_ms) / (before_end_ms - before.start_ms)
    unit = UNITS[goal.measure]
    target = goal.target * NANO if unit == "usd" else goal.target
    is_met = None
    is_blind = unit == "usd" and now.amount.missing > 0
    if value is not None:
        is_met = value >= target if goal.is_higher_better else value <= target
    if is_met and is_blind:
        is_met = None  # what has no price may be what is too dear
    return GoalStanding(
        name=goal.name,
        measure=goal.measure,
        unit=unit,
        subject=subject_of(goal.scopes),
        period=goal.per.value,
        start_ms=window.start_ms,
        end_ms=end_ms,
        target=target,
        value=value,
        baseline=baseline,
        baseline_start_ms=before.start_ms,
        baseline_end_ms=before_end_ms,
        is_higher_better=goal.is_higher_better,
        is_met=is_met,
        progress=progress(value, baseline, target, is_met=is_met),
        scopes=goal.scopes,
    )


def progress(
    value: float | None, baseline: float | None, target: float, *, is_met: bool | None
) -> float | None:
    """Return the part of the way from the baseline to the target; below zero, it went back."""
    if is_met:
        return 1.0
    if value is None or baseline is None or baseline == target:
        return None
    return min(1.0, (value - baseline) / (target - baseline))
