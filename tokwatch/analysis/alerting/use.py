"""Readings of use: everything, or the part of it that a rule names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import nan
from typing import Final

from tokwatch.analysis.alerting.judge import MOST_EVENTS, Reading, Whose, is_within
from tokwatch.analysis.alerting.recent import HourSums, Recent
from tokwatch.analysis.alerting.usual import UsualHours, against_usual
from tokwatch.config.measures import CUSTOM
from tokwatch.model.alert_facts import EVERYTHING, Narrow, SlowFacts, ToldFact
from tokwatch.model.calendar import Calendar
from tokwatch.model.units import HOUR_MS, MINUTE_MS, NANO

LIMITED_MS: Final = 15 * MINUTE_MS
INCIDENT: Final = "incident"
ERROR_STATUS: Final = 400
TOO_MANY: Final = 429
_BY_CACHE: Final = ("cache_hit_rate", "known_prompt_tokens")
_BURN: Final = (
    *("burn_usd_per_hour", "burn_times_usual", "burn_over_scatter", "tokens_per_minute"),
)


def use_reading(
    recent: Recent,
    narrow: Narrow,
    slow: SlowFacts,
    usual: UsualHours | None,
    calendar: Calendar,
    at_ms: int,
    customs: Sequence[str] = (),
) -> Reading:
    """Return the measures of a part of use at a moment."""
    sums = recent.hour(narrow, at_ms)
    told = _told(slow, narrow, at_ms)
    values = {
        "burn_usd_per_hour": sums.burn_nano / NANO,
        "cost_usd_per_hour": sums.nano / NANO,
        "tokens_per_hour": float(sums.tokens),
        "tokens_per_minute": float(sums.minute_tokens),
        "requests_per_hour": float(sums.requests),
        "cache_hit_rate": sums.hit_rate,
        "known_prompt_tokens": float(sums.known_prompt),
        **against_usual(sums, usual, calendar, at_ms),
        **_failures(told, sums, at_ms),
        **_times(told),
        **_estimates(slow, narrow),
        **{name: slow.custom.get(name.removeprefix(f"{CUSTOM}."), nan) for name in customs},
    }
    subject = f"use {narrow.words}" if narrow != EVERYTHING else "all"
    user = narrow.users[0] if len(narrow.users) == 1 else ""
    evidence = partial(_evidence, recent, narrow, told, at_ms)
    return Reading(subject, narrow.words, values, evidence, Whose(user=user), narrow)


def _told(slow: SlowFacts, narrow: Narrow, at_ms: int) -> list[ToldFact]:
    return [
        one
        for one in slow.told
        if at_ms - HOUR_MS < one.at_ms <= at_ms
        and (
            narrow == EVERYTHING
            or is_within(Whose(one.project, (one.model,), (one.kind,), one.user), narrow)
        )
    ]


def is_failure(one: ToldFact) -> bool:
    """Tell whether something tells of a failed attempt, but not for a rate limit."""
    if one.name == INCIDENT:
        return not one.value
    return one.name == "http_status" and one.value >= ERROR_STATUS and one.value != TOO_MANY


def is_refusal(one: ToldFact) -> bool:
    """Tell whether something tells of a rate limit."""
    return (one.name == INCIDENT and one.value > 0) or (
        one.name == "http_status" and one.value == TOO_MANY
    )


def _failures(told: Sequence[ToldFact], sums: HourSums, at_ms: int) -> dict[str, float]:
    failed = sum(map(is_failure, told))
    retried = sum(one.value for one in told if one.name == "retries")
    refused = sum(is_refusal(one) and one.at_ms > at_ms - LIMITED_MS for one in told)
    incidents = sum(one.name == INCIDENT and not one.value for one in told)
    attempts = sums.requests + incidents + retried
    return {
        "error_rate": failed / attempts if attempts else nan,
        "retry_rate": retried / attempts if attempts else nan,
        "attempts": float(attempts),
        "rate_limit_errors": float(refused),
    }


def _times(told: Sequence[ToldFact]) -> dict[str, float]:
    durations = sorted(one.value for one in told if one.name == "duration_ms")
    answers = [one.value for one in told if one.name == "response_cache_hit"]
    p90 = durations[-(-len(durations) * 9 // 10) - 1] / 1000 if durations else nan
    return {
        "latency_p90_seconds": p90,
        "timed_requests": float(len(durations)),
        "response_cache_hit_rate": sum(map(bool, answers)) / len(answers) if answers else nan,
        "response_requests": float(len(answers)),
    }


def _estimates(slow: SlowFacts, narrow: Narrow) -> dict[str, float]:
    both, outcomes = slow.estimates.get(narrow), slow.outcomes
    is_known = both is not None and both.logged_nano > 0
    return {
        "estimate_error": both.off_nano / both.logged_nano if both and is_known else nan,
        "estimated_requests": float(both.requests) if both else 0.0,
        "optimisation_failure_rate": outcomes.failed / outcomes.tried if outcomes.tried else nan,
        "optimisations": float(outcomes.tried),
    }


def _evidence(
    recent: Recent, narrow: Narrow, told: Sequence[ToldFact], at_ms: int, measure: str
) -> tuple[int, ...]:
    """Return the requests that a measure of use rests on, the one to look at first."""
    match measure:
        case "error_rate":
            return _newest([one for one in told if is_failure(one)])
        case "retry_rate":
            return _newest([one for one in told if one.name == "retries" and one.value])
        case "rate_limit_errors":
            return _newest([one for one in told if is_refusal(one)])
        case "latency_p90_seconds":
            slow = [one for one in told if one.name == "duration_ms"]
            return _newest(sorted(slow, key=lambda one: -one.value)[:MOST_EVENTS])
        case _ if measure in _BY_CACHE:
            return recent.worst_read(narrow)
        case _:
            minutes = 5 if measure in _BURN else 60
            return recent.costliest(narrow, at_ms - minutes * MINUTE_MS)


def _newest(told: Sequence[ToldFact]) -> tuple[int, ...]:
    ordered = sorted(told, key=lambda one: -one.at_ms)
    return tuple(dict.fromkeys(one.key for one in ordered if one.key))
