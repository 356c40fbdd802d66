"""OpenTelemetry records as Copilot writes them to a file: what they name, when, and how much."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Final, NamedTuple

from tokwatch.sources.agents.copilot_records import Counts
from tokwatch.sources.beside import part, plain
from tokwatch.sources.counts import instant_ms
from tokwatch.sources.growth import total
from tokwatch.sources.text import name_in, safe_name

_COUNTS: Final = (
    ("gen_ai.usage.input_tokens",),
    ("gen_ai.usage.output_tokens",),
    ("gen_ai.usage.cache_read.input_tokens",),
    ("gen_ai.usage.cache_write.input_tokens", "gen_ai.usage.cache_creation.input_tokens"),
    ("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens"),
)
_SESSIONS: Final = (
    *("gen_ai.conversation.id", "copilot_chat.session_id", "copilot_chat.chat_session_id"),
    "session.id",
)
_MODELS: Final = ("gen_ai.response.model", "gen_ai.request.model")
_MOMENTS: Final = ("endTime", "startTime", "hrTime", "_hrTime", "time", "timestamp", "timeUnixNano")
_LATEST: Final = 10**14
"""Beyond this a time is no longer in milliseconds, but in a thousandth or a millionth of them."""


class Level(IntEnum):
    """How fine a record is."""

    AGENT = 0
    TURN = 1
    INFERENCE = 2
    CHAT = 3


class Span(NamedTuple):
    """One record of a trace."""

    trace: str
    span: str
    session: str
    """Empty where another record of the trace names it."""
    model: str
    level: Level | None
    """None for what is neither a request nor holds requests."""
    counts: Counts
    """Zeros alone where it has no usage."""
    moment: int | None


def span_in(record: dict[str, Any]) -> Span:
    """Return what a record tells."""
    told, context = part(record, "attributes"), part(record, "spanContext")
    session = _name(told, _SESSIONS)
    trace = plain(record.get("traceId")) or plain(context.get("traceId")) or session
    return Span(
        trace=safe_name(trace),
        span=safe_name(plain(record.get("spanId")) or plain(context.get("spanId"))),
        session=session,
        model=_name(told, _MODELS),
        level=_level(record, told),
        counts=Counts(*(_first(told, names) for names in _COUNTS)),
        moment=next(filter(None, (_moment(record.get(name)) for name in _MOMENTS)), None),
    )


def _level(record: Mapping[str, Any], told: Mapping[str, Any]) -> Level | None:
    kind, name = record.get("type"), plain(record.get("name"))
    is_span = kind == "span" or (kind is None and bool(name))
    operation = plain(told.get("gen_ai.operation.name")) or name.split(" ", 1)[0]
    if is_span:
        return {"chat": Level.CHAT, "invoke_agent": Level.AGENT}.get(operation)
    event = plain(told.get("event.name")) or plain(record.get("body") or record.get("_body"))
    if event.startswith(("gen_ai.client.inference.operation.details", "GenAI inference:")):
        return Level.INFERENCE
    return Level.TURN if event.startswith("copilot_chat.agent.turn") else None


def _name(told: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next(filter(None, (name_in(told.get(name)) for name in names)), "")


def _first(told: Mapping[str, Any], names: tuple[str, ...]) -> int:
    """Return the first count under these names; what is not there was none."""
    return next(filter(None, (_number(told.get(name)) for name in names)), 0)


def _number(value: object) -> int | None:
    return total(int(value) if isinstance(value, str) and _is_number(value) else value)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20


def _moment(value: object) -> int | None:
    """Return an instant: a text, a number in any unit, or seconds and nanoseconds."""
    match value:
        case [int(seconds), int(nanoseconds)]:
            return instant_ms(seconds * 1000 + nanoseconds // 1_000_000)
        case str() if not _is_number(value):
            return instant_ms(value)
    moment = int(value) if isinstance(value, str) else value
    if isinstance(moment, int | float) and moment == moment and moment < float("inf"):
        while moment >= _LATEST:
            moment //= 1000
    return instant_ms(moment)
