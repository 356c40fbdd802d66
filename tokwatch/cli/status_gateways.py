"""The overview's lines about gateways, in sentences and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tokwatch.cli.money import dollars
from tokwatch.model.endpoint import EndpointHealth, PollState
from tokwatch.model.gateway import Gateway
from tokwatch.model.units import NANO
from tokwatch.words import counted, printable, spanned


def gateway_lines(gateways: Iterable[Gateway], now_ms: int) -> Iterator[str]:
    """Yield a sentence for each endpoint, what fails first; nothing where there is none."""
    listed = list(gateways)
    if listed:
        yield f"{counted(len(listed), 'gateway')}, as polled last:"
    for one in listed:
        health, worst = one.health, one.health.worst
        told = [_state(health)]
        if worst is not None:
            told.append(f"{worst.part}: {printable(worst.error)}")
        told += _figures(one)
        answered_ms = _answered_ms(health)
        if answered_ms is not None:
            told.append(f"answered {spanned(max(0, now_ms - answered_ms))} ago")
        yield f"  {health.name}, {', '.join(told)}"


def _state(health: EndpointHealth) -> str:
    if health.is_paused:
        return "paused"
    if health.worst is not None:
        return "failing" if health.worst.state is PollState.CLOSED else "left alone"
    return "not asked yet" if all(part.tried_ms is None for part in health.parts) else "polled"


def _figures(one: Gateway) -> Iterator[str]:
    if one.tokens_per_minute is not None:
        yield f"{one.tokens_per_minute:,.0f} tokens a minute"
    elif one.requests_per_minute is not None:
        yield f"{one.requests_per_minute:,.1f} requests a minute"
    if one.hit_rate is not None:
        yield f"cache hits {one.hit_rate:.0%}"
    for number, what in ((one.running, "running"), (one.waiting, "waiting")):
        if number is not None:
            yield f"{number:,.0f} {what}"
    for nano, what in ((one.spend_nano, "in 24 hours"), (one.left_nano, "left")):
        if nano is not None:
            yield f"{'-' if nano < 0 else ''}${abs(nano) / NANO:,.2f} {what}"


def _answered_ms(health: EndpointHealth) -> int | None:
    return max((p.succeeded_ms for p in health.parts if p.succeeded_ms is not None), default=None)


def gateway_documents(gateways: Iterable[Gateway]) -> list[dict[str, Any]]:  # JSON
    """Return the same as JSON; money in dollars, null where it is not told."""
    return [
        {
            "name": one.health.name,
            "state": _state(one.health),
            "error": one.health.worst.error if one.health.worst else "",
            "tokensPerMinute": one.tokens_per_minute,
            "requestsPerMinute": one.requests_per_minute,
            "cacheHitRate": one.hit_rate,
            "running": one.running,
            "waiting": one.waiting,
            "costDay": dollars(one.spend_nano),
            "budgetLeft": dollars(one.left_nano),
            "answeredMs": _answered_ms(one.health),
        }
        for one in gateways
    ]
