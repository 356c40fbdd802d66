"""Reads from the store how limits stand: those of plans, and tokens per minute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tokwatch.analysis.budgets.quotas import guessed_limit, quota_standing
from tokwatch.analysis.budgets.rate_limits import Rated, held_back, last_minute, peak_minute
from tokwatch.config import Config
from tokwatch.model.calendar import Calendar
from tokwatch.model.facets import Portion
from tokwatch.model.standing import GuessedLimit, QuotaStanding, RateGauge, RateStanding
from tokwatch.model.units import HOUR_MS
from tokwatch.model.usage import CostMode, Slice
from tokwatch.store.read.costs import spending_over_time
from tokwatch.store.read.limits import newest_quotas, rated_requests
from tokwatch.store.view import View

GUESS_DAYS: Final = 14


def quota_standings(view: View, at_ms: int) -> tuple[QuotaStanding, ...]:
    """Return every official limit that a tool has told of."""
    return tuple(quota_standing(one, at_ms) for one in newest_quotas(view, at_ms))


def rate_standings(
    view: View, config: Config, at_ms: int, since_ms: int | None = None
) -> tuple[RateStanding, ...]:
    """Return tokens per minute of each provider, model and key that was used, the fullest first.

    Peak and simulation are of the time from `since_ms` on, by default of the last hour.
    """
    since_ms = at_ms - HOUR_MS if since_ms is None else since_ms
    groups: dict[tuple[str, str, str], list[Rated]] = {}
    for one in rated_requests(view, Slice(since_ms, at_ms + 1)):
        groups.setdefault((one.provider, one.model, one.key), []).append(
            Rated(one.at_ms, one.tokens)
        )
    found = [_rate(*each, config, at_ms, since_ms) for each in sorted(groups.items())]
    return tuple(sorted(found, key=lambda one: -one.gauge.peak / one.gauge.limit))


def _rate(
    of: tuple[str, str, str], requests: list[Rated], config: Config, at_ms: int, since_ms: int
) -> RateStanding:
    limit = limit_of(config.limits.of, config.limits.tokens_per_minute, of)
    gauge = RateGauge(
        *(*of, last_minute(requests, at_ms), limit),
        *(config.limits.backoff_at, peak_minute(requests)),
    )
    return RateStanding(gauge, held_back(requests, limit), since_ms)


def limit_of(named: Mapping[str, int], usual: int, of: tuple[str, str, str]) -> int:
    """Return the limit of a provider, model and key: the most exactly named one."""
    for size in (3, 2, 1):
        name = "/".join(of[:size])
        if name in named:
            return named[name]
    return usual


def guess(view: View, config: Config, at_ms: int, calendar: Calendar) -> GuessedLimit | None:
    """Return a limit guessed from past blocks, where that is asked for."""
    if not config.limits.estimate:
        return None
    since_ms = calendar.begin_ms(calendar.day(at_ms) - GUESS_DAYS)
    portion = Portion(
        Slice(since_ms, at_ms + 1), calendar=calendar, mode=CostMode(config.prices.mode)
    )
    return guessed_limit(spending_over_time(view, portion), at_ms, config.blocks.hours)
