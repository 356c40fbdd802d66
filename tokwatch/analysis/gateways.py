"""What each endpoint tells of the last minutes and the last day, for one line of the overview.

Reports of one endpoint overlap, so the largest of them speaks; they are never added up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tokwatch.model.endpoint import EndpointHealth, ReportSum
from tokwatch.model.gateway import Gateway
from tokwatch.model.units import MINUTE_MS, NANO

RECENT_MINUTES: Final = 5
"""Throughput is the mean of so many minutes."""
GROWS: Final = "metrics"
"""The part that tells growth: one that answers and tells none means that nothing was used."""


def gateways(
    healths: Sequence[EndpointHealth],
    recent: Sequence[ReportSum],
    day: Sequence[ReportSum],
    now_ms: int,
) -> tuple[Gateway, ...]:
    """Return the endpoints that are on, those that fail first, then those with the most use.

    `recent` are sums of buckets of a minute of the last minutes, `day` all of 24 hours.
    """
    found = [
        _gateway(
            one,
            [told for told in recent if told.endpoint == one.name],
            [told for told in day if told.endpoint == one.name],
            now_ms,
        )
        for one in healths
        if one.on
    ]
    return tuple(sorted(found, key=_order))


def _order(one: Gateway) -> tuple[bool, float, str]:
    return one.health.worst is None, -(one.tokens_per_minute or 0), one.health.name


def _gateway(
    health: EndpointHealth, recent: list[ReportSum], day: list[ReportSum], now_ms: int
) -> Gateway:
    most = max(day, key=lambda one: one.tokens, default=None)
    costs = [one.cost_nano for one in day if one.cost_nano is not None]
    spent = _gauge(health, "spent_today_usd")
    tokens, requests = _per_minute(health, recent, now_ms)
    hits = _gauge(health, "cache_hit_share")
    left = [left for name in ("budget_left_usd", "credits_left_usd") for left in _all(health, name)]
    return Gateway(
        health,
        tokens,
        requests,
        hit_rate=_hit_rate(most) if hits is None else hits,
        running=_sum(_all(health, "requests_running")),
        waiting=_sum(_all(health, "requests_waiting")),
        spend_nano=max(costs, default=None) if spent is None else round(spent * NANO),
        left_nano=round(min(left) * NANO) if left else None,
    )


def _per_minute(
    health: EndpointHealth, recent: list[ReportSum], now_ms: int
) -> tuple[float | None, float | None]:
    """Return tokens and requests a minute; 0 only where something counts and nothing grew."""
    if recent:
        requests = [one.requests for one in recent if one.requests is not None]
        tokens = max(one.tokens for one in recent)
        return tokens / RECENT_MINUTES, max(requests) / RECENT_MINUTES if requests else None
    since_ms = now_ms - RECENT_MINUTES * MINUTE_MS
    counts = any(
        part.part == GROWS and not part.is_failing and (part.succeeded_ms or 0) >= since_ms
        for part in health.parts
    )
    return (0.0, None) if counts else (None, None)


def _hit_rate(one: ReportSum | None) -> float | None:
    """Return cache reads as a share of the prompt; None where either is unknown."""
    if one is None or one.input is None or one.cache_read is None:
        return None
    prompt = one.input + one.cache_read + (one.cache_write_5m or 0) + (one.cache_write_1h or 0)
    return one.cache_read / prompt if prompt else None


def _all(health: EndpointHealth, name: str) -> list[float]:
    return [one.value for one in health.gauges if one.name == name]


def _gauge(health: EndpointHealth, name: str) -> float | None:
    """Return the only value of a gauge; None where there is none, or several that differ."""
    found = set(_all(health, name))
    return found.pop() if len(found) == 1 else None


def _sum(values: list[float]) -> float | None:
    return sum(values) if values else None
