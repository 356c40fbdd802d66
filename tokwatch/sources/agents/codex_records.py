"""The records of Codex rollouts: their shapes, and sums of token counts as logged."""

from __future__ import annotations

from functools import partial
from typing import Any, Final, TypedDict

import msgspec
from msgspec import Struct

from tokwatch.sources.counts import count, instant_ms
from tokwatch.sources.lines import Row
from tokwatch.sources.sieve import COUNT, INSTANT, LINE, PRESENT, TEXT, Field


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

_COUNTS: Final = Totals.__struct_fields__
_INFO, _USAGE = ("payload", "info"), ("payload", "usage")
FIELDS: Final = (
    Field(("type",), TEXT),
    Field(("timestamp",), INSTANT),
    Field(("payload", "type"), TEXT),
    Field(_INFO, PRESENT),
    Field((*_INFO, "model_context_window"), COUNT),
    *(Field((*_INFO, "total_token_usage", name), COUNT) for name in _COUNTS),
    *(Field((*_INFO, "last_token_usage", name), COUNT) for name in _COUNTS),
    *(Field((*_USAGE, name), COUNT) for name in _COUNTS),
    Field(("payload", "response_id"), TEXT),
    Field(("payload", "model"), TEXT),
    Field(("payload", "service_tier"), TEXT),
    Field((), LINE),
)
"""What is asked of a line that tells of usage; `row_of` has their order."""

MOMENT, KIND, HAS_INFO, WINDOW = 1, 2, 3, 4
TOTALS, LATEST, USAGE = slice(5, 11), slice(11, 17), slice(17, 23)
"""Where a row has the type of its payload, the counts of the running total, of its last growth, of
a response."""

_NO_TOTALS, _NO_INFO, _NO_PAYLOAD = Totals(), Info(), Payload()
decode_line = partial(msgspec.json.decode, type=RolloutLine)
decode_context = partial(msgspec.json.decode, type=ContextLine)


def row_of(record: RolloutLine, line: bytes) -> Row:
    """Return the FIELDS of a decoded line."""
    payload = record.payload or _NO_PAYLOAD
    info = payload.info or _NO_INFO
    return (
        record.type, instant_ms(record.timestamp), payload.type,
        payload.info is not None, info.model_context_window,
        *counts_of(info.total_token_usage), *counts_of(info.last_token_usage),
        *counts_of(payload.usage),
        payload.response_id, payload.model, payload.service_tier, line,
    )  # fmt: skip


def counts_of(totals: Totals | None) -> Row:
    told = totals or _NO_TOTALS
    return (
        *(told.input_tokens, told.cached_input_tokens, told.cache_write_input_tokens),
        *(told.output_tokens, told.reasoning_output_tokens, told.total_tokens),
    )


def pick(line: bytes) -> Row:
    """Return the FIELDS of a line; raises one of NOT_JSON."""
    return row_of(decode_line(line), line)


def plain(value: object) -> str:
    return value if isinstance(value, str) else ""


def vector(told: Row) -> Vector | None:
    """Return the counts of a usage object as logged, or None where there is none that is known."""
    fresh, cached, written, output, reasoning, total = told
    if None in told:
        if fresh is None and output is None and total is None:
            return None
        fresh, cached, written = fresh or 0, cached or 0, written or 0
        output, reasoning, total = output or 0, reasoning or 0, total or 0
    if (fresh | cached | written | output | reasoning | total) >> 33:
        fresh, cached, written = count(fresh), count(cached), count(written)
        output, reasoning, total = count(output), count(reasoning), count(total)
    return fresh, cached, written, output, reasoning, total


def growth_of(now: Vector, then: Vector) -> Vector | None:
    """Return how much a running total grew, or None when a part of it shrank."""
    fresh, cached, written, output, reasoning, total = now
    fresh_then, cached_then, written_then, output_then, reasoning_then, total_then = then
    fresh, cached, written = fresh - fresh_then, cached - cached_then, written - written_then
    output, reasoning = output - output_then, reasoning - reasoning_then
    if fresh < 0 or cached < 0 or written < 0 or output < 0 or reasoning < 0:
        return None
    return fresh, cached, written, output, reasoning, total - total_then


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
