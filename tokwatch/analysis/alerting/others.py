"""Readings of everything but use and sessions: models, sources, budgets, limits."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from math import nan
from typing import Final

from tokwatch.analysis.alerting.judge import Reading, Whose
from tokwatch.model.alert_facts import EndpointFact, ModelGap, SourceFact, TokenEstimate
from tokwatch.model.standing import QuotaStanding, RateGauge, Standing
from tokwatch.model.units import DAY_MS

DAILY: Final = 5
"""Of 14 days, so many with use make a source one in daily use."""


def _nothing(measure: str) -> tuple[int, ...]:
    """Return that no single request tells of a measure."""
    return ()


def model_readings(
    gaps: Iterable[ModelGap], estimates: Iterable[TokenEstimate] = ()
) -> list[Reading]:
    """Return the models without a price, and those whose counted tokens were calibrated."""
    unpriced = {gap.model: gap for gap in gaps}
    measured = {one.model: one for one in estimates}
    found = []
    for model in dict.fromkeys((*unpriced, *measured)):
        gap, estimate = unpriced.get(model), measured.get(model)
        values = {
            "unpriced_tokens": nan if gap is None else float(gap.tokens),
            "token_estimate_error": nan if estimate is None else estimate.error,
            "token_estimate_pairs": nan if estimate is None else float(estimate.pairs),
        }
        evidence = _nothing if gap is None else partial(_newest_of, gap)
        found.append(Reading(f"model {model}", model, values, evidence))
    return found


def _newest_of(gap: ModelGap, measure: str) -> tuple[int, ...]:
    return gap.events if measure == "unpriced_tokens" else ()


def source_readings(sources: Iterable[SourceFact], at_ms: int) -> list[Reading]:
    """Return how sources do."""
    found = []
    for one in sources:
        is_daily = one.active_days >= DAILY and one.last_ms > 0
        silent = max(0, at_ms - one.last_ms) / DAY_MS if is_daily else nan
        values = {"source_failing": float(bool(one.error)), "source_silent_days": silent}
        label = f"{one.title}: {one.error}" if one.error else one.title
        found.append(Reading(f"source {one.name}", label, values, _nothing))
    return found


def endpoint_readings(endpoints: Iterable[EndpointFact]) -> list[Reading]:
    """Return how endpoints do."""
    return [
        Reading(
            f"endpoint {one.name}",
            f"{one.name}: {one.error}" if one.error else one.name,
            {"endpoint_failing": float(bool(one.error))},
            _nothing,
        )
        for one in endpoints
    ]


def budget_readings(standings: Iterable[Standing]) -> list[Reading]:
    """Return how budgets stand; each period of one is a subject of its own."""
    found = []
    for one in standings:
        values = {"budget_share": one.share, "budget_pace": nan if one.pace is None else one.pace}
        name = " · ".join(part for part in (one.name, one.subject) if part)
        users = [scope.name for scope in one.scopes if scope.dimension == "user"]
        whose = Whose(user=users[0] if len(users) == 1 else "")
        subject = f"budget {name} {one.period} {one.start_ms}"
        found.append(Reading(subject, f"{name}, {one.period}", values, _nothing, whose))
    return found


def quota_readings(standings: Iterable[QuotaStanding]) -> list[Reading]:
    """Return how full official limits are; one that has begun anew since is left out."""
    found = []
    for one in standings:
        if one.has_reset:
            continue
        told = one.reading
        name = " ".join(part for part in (told.source, told.account, told.name) if part)
        pace = nan if one.pace is None else one.pace
        values = {"quota_share": told.used_share, "quota_pace": pace}
        found.append(Reading(f"quota {name}", name, values, _nothing))
    return found


def rate_readings(gauges: Iterable[RateGauge]) -> list[Reading]:
    """Return how close use is to rate limits."""
    found = []
    for one in gauges:
        name = " ".join(part for part in (one.provider, one.model, one.key) if part)
        values = {"tokens_per_minute_share": one.share}
        found.append(Reading(f"rate {name}", name, values, _nothing))
    return found
