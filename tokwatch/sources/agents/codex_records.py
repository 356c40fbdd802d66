"""The records of Codex rollouts: their shapes, and sums of token counts as logged."""

from __future__ import annotations

from typing import Any, TypedDict

import msgspec
from msgspec import Struct

from tokwatch.sources.counts import count


class Totals(Struct, gc=False, array_like=False):
    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    cache_write_input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_output_tokens: int | None = None
    total_tokens: int | None = None


class Info(Struct, gc=False):
    total_token_usage: Totals | None = None
    last_token_usage: Totals | None = None
    model_context_window: int | None = None


class Payload(Struct, gc=False):
    type: str | None = None
    info: Info | None = None
    usage: Totals | None = None
    response_id: str | None = None
    model: str | None = None
    service_tier: str | None = None


class RolloutLine(Struct, gc=False):
    type: str | None = None
    timestamp: str | None = None
    payload: Payload | None = None


class Context(TypedDict, total=False):
    """What is looked at of session, turn and settings records, which may hold much more."""

    type: Any
    id: Any
    timestamp: Any
    cwd: Any
    model_provider: Any
    git: Any
    source: Any
    forked_from_id: Any
    parent_thread_id: Any
    agent_role: Any
    agent_nickname: Any
    model: Any
    turn_id: Any
    thread_settings: Any


class ContextLine(Struct):
    type: str | None = None
    timestamp: str | None = None
    payload: Context | None = None


Vector = tuple[int, int, int, int, int, int]
"""Input, cached, cache write, output, reasoning, total: as logged, input includes the cached."""

decode_line = msgspec.json.Decoder(RolloutLine).decode
decode_context = msgspec.json.Decoder(ContextLine).decode


def plain(value: object) -> str:
    return value if isinstance(value, str) else ""


def vector(totals: Totals | None) -> Vector | None:
    """Return the counts of a usage object as logged, or None where there is none that is known."""
    if totals is None or (totals.input_tokens is None and _tells_nothing(totals)):
        return None
    fresh, cached = totals.input_tokens or 0, totals.cached_input_tokens or 0
    written, output = totals.cache_write_input_tokens or 0, totals.output_tokens or 0
    reasoning, total = totals.reasoning_output_tokens or 0, totals.total_tokens or 0
    if (fresh | cached | written | output | reasoning | total) >> 33:
        fresh, cached, written = count(fresh), count(cached), count(written)
        output, reasoning, total = count(output), count(reasoning), count(total)
    return fresh, cached, written, output, reasoning, total


def _tells_nothing(totals: Totals) -> bool:
    """Tell a usage object of a shape that nobody knows."""
    return totals.output_tokens is None and totals.total_tokens is None


def growth_of(now: Vector, then: Vector) -> Vector | None:
    """Return how much a running total grew, or None when a part of it shrank."""
    fresh, cached, written = now[0] - then[0], now[1] - then[1], now[2] - then[2]
    output, reasoning = now[3] - then[3], now[4] - then[4]
    if fresh < 0 or cached < 0 or written < 0 or output < 0 or reasoning < 0:
        return None
    return fresh, cached, written, output, reasoning, now[5] - then[5]


def _loose_totals(found: object) -> Totals | None:
    if not isinstance(found, dict):
        return None
    if all(found.get(name) is None for name in ("input_tokens", "output_tokens", "total_tokens")):
        return Totals()
    return Totals(*(count(found.get(name)) for name in Totals.__struct_fields__))


def loose_payload(found: dict[str, Any]) -> Payload:
    """Return a payload from fields of any type."""
    info = found.get("info")
    return Payload(
        type=plain(found.get("type")),
        info=Info(
            _loose_totals(info.get("total_token_usage")),
            _loose_totals(info.get("last_token_usage")),
            count(info.get("model_context_window")) or None,
        )
        if isinstance(info, dict)
        else None,
        usage=_loose_totals(found.get("usage")),
        response_id=plain(found.get("response_id")) or None,
        model=plain(found.get("model")) or None,
        service_tier=plain(found.get("service_tier")) or None,
    )
