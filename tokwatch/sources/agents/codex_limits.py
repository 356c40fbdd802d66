"""What a Codex rollout last told of its plan's limits: how much is used, and when they reset."""

from __future__ import annotations

import math
from typing import Any

import msgspec
from msgspec import Struct

from tokwatch.model.limits import limit_measure
from tokwatch.model.measure import Measure
from tokwatch.sources.agents.codex import NAME
from tokwatch.sources.counts import instant_ms

LONGEST_MINUTES = 366 * 24 * 60
LATEST_S = 1 << 40


class _Payload(Struct):
    rate_limits: Any = None  # looked at field by field


class _Line(Struct):
    timestamp: str | None = None
    payload: _Payload | None = None


_decode = msgspec.json.Decoder(_Line).decode


def limits_of(line: bytes, origin: str) -> tuple[Measure, ...]:
    """Return what a `token_count` line tells of each limit; nothing where it tells none."""
    try:
        record = _decode(line)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return ()
    moment = instant_ms(record.timestamp)
    told = record.payload.rate_limits if record.payload else None
    if moment is None or not isinstance(told, dict):
        return ()
    found = (
        _limit(told.get(name), moment, f"{origin} {name}") for name in ("primary", "secondary")
    )
    return tuple(one for one in found if one is not None)


def _limit(told: object, moment: int, origin: str) -> Measure | None:
    if not isinstance(told, dict):
        return None
    used = told.get("used_percent")
    minutes = _whole(told.get("window_minutes"), LONGEST_MINUTES)
    resets = _whole(told.get("resets_at"), LATEST_S)
    if not minutes or not resets or not isinstance(used, int | float) or not math.isfinite(used):
        return None
    return limit_measure(NAME, moment, float(used), minutes, resets, origin)


def _whole(value: object, most: int) -> int:
    """Return a number from 1 up to the most; 0 for anything else."""
    return value if isinstance(value, int) and 0 < value <= most else 0


def unlike(found: tuple[Measure, ...], known: tuple[str, ...]) -> tuple[Measure, ...]:
    """Return the limits that were not told so before."""
    return tuple(one for one in found if told_so(one) not in known)


def told_so(one: Measure) -> str:
    """Return what a limit says, whenever it says it."""
    return f"{one.value:g} " + " ".join(value for _, value in one.tags)
