"""Reads from the store how budgets and goals stand at a moment: where settings meet what was used.

The screen, `check`, the status line and the alerts ask here, so that they never disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Final

from tokwatch.analysis.budgets.goals import GoalUse, goal_standing
from tokwatch.analysis.budgets.running_out import NEVER, Pace, RunOut, run_out
from tokwatch.analysis.budgets.split import Share, split
from tokwatch.analysis.budgets.standing import SPANS, spent_of, standing_of
from tokwatch.analysis.budgets.windows import (
    Window,
    block_window,
    calendar_window,
    run_window,
)
from tokwatch.budgets.reading import Reader, Use
from tokwatch.config import Config
from tokwatch.model.budget import Budget, BudgetUnit, Goal, Length, Scope, TokenClass
from tokwatch.model.calendar import Calendar
from tokwatch.model.facets import NOTHING, Amount
from tokwatch.model.standing import GoalStanding, Standing
from tokwatch.model.units import DAY_MS
from tokwatch.model.usage import CostMode
from tokwatch.store.view import View

HISTORY_DAYS: Final = 14
"""Days that tell what followed hours like the last."""
SESSIONS_MS: Final = DAY_MS
"""A session used within this time has a standing."""
MOST_EACH: Final = 200
"""Names that have a budget each for itself: those that spent the most."""
RUN_MS: Final = DAY_MS
"""How far back a run is looked for; a longer one counts from there."""
WIDE: Final = frozenset({"cost_per_session", "cache_hit_rate"})
"""Measures that need more than sums."""


def budgets_of(config: Config) -> tuple[Budget, ...]:
    """Return every budget of the settings, the parts of splits among them."""
    plain = tuple(table.budget(name) for name, table in config.budget.items())
    return (*plain, *(part for name in config.split for part in split_parts(config, name)))


def split_parts(config: Config, name: str) -> tuple[Budget, ...]:
    """Return the budgets that a split amounts to, one for each agent."""
    table = config.split[name]
    factor = 1_000_000_000 if table.unit is BudgetUnit.USD else 1
    shares = [
        Share(
            agent,
            Fraction(table.priority[agent]) * factor if agent in table.priority else None,
            table.least_of(agent),
        )
        for agent in table.names()
    ]
    return tuple(
        Budget(
            *(f"{name}.{agent}", table.unit, amount, Length(table.per)),
            (*table.scopes(), Scope("agent", agent)),
            tokens=TokenClass(table.token_class),
            pause_minutes=table.pause_minutes,
            split=name,
        )
        for agent, amount in split(table.limit(), shares).items()
        if amount > 0
    )


def standings(
    view: View, config: Config, at_ms: int, calendar: Calendar, only: str = ""
) -> tuple[Standing, ...]:
    """Return how every budget stands, or the named one or the parts of the named split."""
    reader = Reader(view, at_ms, calendar, CostMode(config.prices.mode))
    found: list[Standing] = []
    for budget in budgets_of(config):
        if only in ("", budget.name, budget.split):
            found += _standings(reader, budget, config)
    return tuple(found)


def _standings(reader: Reader, budget: Budget, config: Config) -> Iterable[Standing]:
    if budget.per is Length.SESSION:
        return _of_sessions(reader, budget)
    window = budget_window(reader, budget, config) or _run(reader, budget)
    use = Use(window.start_ms, reader.at_ms + 1, budget.scopes)
    if budget.each:
        return _of_each(reader, budget, window, use)
    amount = reader.amount(use)
    ends = _run_out(reader, budget, window, amount)
    return (standing_of(budget, window, amount, reader.at_ms, ends),)


def budget_window(reader: Reader, budget: Budget, config: Config) -> Window | None:
    """Return the stretch of time that a budget is for; None where the work itself ends it."""
    at_ms = reader.at_ms
    if budget.per in (Length.SESSION, Length.RUN):
        return None
    if budget.per is Length.BLOCK:
        hours = config.blocks.hours
        official = reader.official_block(budget.scopes)
        if official is not None:
            return official
        # Two days back there was a pause, or blocks follow each other without one.
        used = reader.used_quarters(Use(at_ms - 2 * DAY_MS, at_ms + 1, budget.scopes))
        return block_window(used, at_ms, hours)
    return calendar_window(budget.per, at_ms, reader.calendar, config.week.starts)


def _run(reader: Reader, budget: Budget) -> Window:
    used = reader.used_minutes(Use(reader.at_ms - RUN_MS, reader.at_ms + 1, budget.scopes))
    return run_window(used, reader.at_ms, budget.pause_minutes)


def _of_each(reader: Reader, budget: Budget, window: Window, use: Use) -> Iterable[Standing]:
    """Yield a standing for every name of a dimension, those that spent the most first."""
    groups = reader.by_name(use, budget.each)
    largest = sorted(groups.items(), key=lambda one: (-spent_of(budget, one[1]), one[0]))
    span_ms = SPANS[budget.per][0]
    recent = reader.by_name(
        Use(reader.at_ms - span_ms, reader.at_ms + 1, budget.scopes), budget.each
    )
    for name, amount in largest[:MOST_EACH]:
        spent = spent_of(budget, amount)
        pace = Pace(span_ms, spent_of(budget, recent.get(name, NOTHING)))
        ends = run_out(budget.limit - spent, reader.at_ms, window.end_ms, pace, ())
        own = (Scope(budget.each, name),)
        yield standing_of(budget, window, amount, reader.at_ms, ends, own)


def _of_sessions(reader: Reader, budget: Budget) -> Iterable[Standing]:
    """Yield a standing for every session that was used of late, those that spent most first."""
    since_ms = reader.at_ms - SESSIONS_MS
    used = reader.by_name(Use(since_ms, reader.at_ms + 1, budget.scopes), "session")
    span_ms = SPANS[budget.per][0]
    recent = reader.by_name(Use(reader.at_ms - span_ms, reader.at_ms + 1, budget.scopes), "session")
    whole = reader.sessions(budget.scopes, sorted(used))
    largest = sorted(whole.items(), key=lambda one: (-spent_of(budget, one[1].amount), one[0]))
    for name, one in largest[:MOST_EACH]:
        left = budget.limit - spent_of(budget, one.amount)
        pace = Pace(span_ms, spent_of(budget, recent.get(name, NOTHING)))
        ends = run_out(left, reader.at_ms, None, pace, ())
        own = (Scope("session", name),)
        window = Window(one.first_ms, None)
        yield standing_of(budget, window, one.amount, reader.at_ms, ends, own)


def _run_out(reader: Reader, budget: Budget, window: Window, amount: Amount) -> RunOut:
    """Return when a budget runs out, at the pace of the last hour, day or week."""
    left = budget.limit - spent_of(budget, amount)
    if left <= 0:
        return NEVER
    paces = [_pace(reader, budget, span_ms) for span_ms in SPANS[budget.per]]
    followed: list[tuple[int, int]] = []
    if paces[0].amount > 0 and budget.per in (Length.BLOCK, Length.DAY):
        since_ms = reader.at_ms - HISTORY_DAYS * DAY_MS
        quarters = reader.quarters(Use(since_ms, reader.at_ms + 1, budget.scopes))
        followed = [(at_ms, spent_of(budget, one)) for at_ms, one in quarters]
    return run_out(left, reader.at_ms, window.end_ms, paces[0], paces[1:], followed)


def _pace(reader: Reader, budget: Budget, span_ms: int) -> Pace:
    use = Use(reader.at_ms - span_ms, reader.at_ms + 1, budget.scopes)
    return Pace(span_ms, spent_of(budget, reader.recent(use)))


def goals_of(config: Config) -> tuple[Goal, ...]:
    """Return every goal of the settings."""
    return tuple(table.goal(name) for name, table in config.goal.items())


def goal_standings(
    view: View, config: Config, at_ms: int, calendar: Calendar
) -> tuple[GoalStanding, ...]:
    """Return how far every goal is reached."""
    reader = Reader(view, at_ms, calendar, CostMode(config.prices.mode))
    return tuple(_goal(reader, goal, config) for goal in goals_of(config))


def _goal(reader: Reader, goal: Goal, config: Config) -> GoalStanding:
    window = calendar_window(goal.per, reader.at_ms, reader.calendar, config.week.starts)
    before = reader.baseline(goal, window.start_ms)
    until_ms = min(reader.at_ms + 1, window.end_ms or 0)
    return goal_standing(
        goal,
        window,
        _use(reader, goal, Use(window.start_ms, until_ms, goal.scopes)),
        before,
        _use(reader, goal, Use(before.start_ms, before.end_ms or 0, goal.scopes)),
    )


def _use(reader: Reader, goal: Goal, use: Use) -> GoalUse:
    if goal.measure not in WIDE:
        return GoalUse(reader.amount(use), 0, 0)
    breadth = reader.breadth(use)
    return GoalUse(reader.amount(use), breadth.sessions, breadth.blind_prompt)
