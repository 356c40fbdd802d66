"""The records of Claude Code transcripts: their shapes, and what their fields mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from tokwatch.model.event import ModelName
from tokwatch.sources.counts import COUNT_BITS, count, instant_ms
from tokwatch.sources.glued import NOT_JSON
from tokwatch.sources.lines import Row
from tokwatch.sources.sieve import (
    COUNT,
    FIRST,
    FLAG,
    INSTANT,
    LIST,
    NUMBER,
    PRESENT,
    REPLACED,
    TEXT,
    Field,
    Latest,
)
from tokwatch.sources.text import safe_name


class CacheCreation(Struct, gc=False):
    ephemeral_5m_input_tokens: int | None = 0
    ephemeral_1h_input_tokens: int | None = 0


class OutputDetails(Struct, gc=False):
    thinking_tokens: int | None = None


class ServerTools(Struct, gc=False):
    web_search_requests: int | None = 0


class UsageRecord(Struct, gc=False):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_creation: CacheCreation | None = None
    output_tokens_details: OutputDetails | None = None
    server_tool_use: ServerTools | None = None
    service_tier: str | None = None
    speed: str | None = None
    inference_geo: str | None = None
    iterations: msgspec.Raw = msgspec.Raw()  # entries are checked one by one


class MessageRecord(Struct, gc=False):
    id: str | None = None
    model: str | None = None
    usage: UsageRecord | None = None
    stop_reason: str | None = None


class Echoed(Struct, gc=False):
    message: MessageRecord | None = None
    timestamp: str | None = None


class EchoData(Struct, gc=False):
    message: Echoed | None = None
    agentId: str | None = None


class TranscriptLine(Struct, gc=False):
    """What is looked at of an assistant's line, and of a `progress` line, which has `data`."""

    message: MessageRecord | None = None
    type: str | None = None
    timestamp: str | None = None
    sessionId: str | None = None
    requestSessionId: str | None = None
    agentId: str | None = None
    isSidechain: bool | None = False
    isAbortedMidStream: bool | None = False
    cwd: str | None = None
    gitBranch: str | None = None
    costUSD: float | None = None
    data: EchoData | None = None


class ModelTotals(Struct, gc=False):
    inputTokens: int = 0
    outputTokens: int = 0
    thinkingTokens: int = 0
    cacheReadInputTokens: int = 0
    cacheCreationInputTokens: int = 0
    cacheCreationEphemeral5mInputTokens: int | None = None
    cacheCreationEphemeral1hInputTokens: int | None = None
    webSearchRequests: int = 0
    costUSD: float = 0.0


class CostState(Struct, gc=False):
    sessionId: str = ""
    modelUsage: dict[str, ModelTotals] = {}
    startTime: int | float = 0
    totalDuration: int | float = 0


_USAGE: Final = ("message", "usage")
FIELDS: Final = (
    Field(("type",), TEXT),
    Field(("timestamp",), INSTANT),
    Field(("message", "id"), TEXT),
    Field(("message", "model"), TEXT),
    Field(("message", "stop_reason"), TEXT),
    Field(_USAGE, PRESENT),
    Field((*_USAGE, "input_tokens"), COUNT),
    Field((*_USAGE, "output_tokens"), COUNT),
    Field((*_USAGE, "cache_read_input_tokens"), COUNT),
    Field((*_USAGE, "cache_creation_input_tokens"), COUNT),
    Field((*_USAGE, "cache_creation", "ephemeral_5m_input_tokens"), COUNT),
    Field((*_USAGE, "cache_creation", "ephemeral_1h_input_tokens"), COUNT),
    Field((*_USAGE, "output_tokens_details"), PRESENT),
    Field((*_USAGE, "output_tokens_details", "thinking_tokens"), COUNT),
    Field((*_USAGE, "server_tool_use", "web_search_requests"), COUNT),
    Field((*_USAGE, "service_tier"), TEXT),
    Field((*_USAGE, "speed"), TEXT),
    Field((*_USAGE, "inference_geo"), TEXT),
    Field((*_USAGE, "iterations"), LIST),
    Field(("sessionId",), TEXT),
    Field(("requestSessionId",), TEXT),
    Field(("agentId",), TEXT),
    Field(("isSidechain",), FLAG),
    Field(("isAbortedMidStream",), FLAG),
    Field(("cwd",), TEXT),
    Field(("gitBranch",), TEXT),
    Field(("costUSD",), NUMBER),
    Field((), FIRST),
    Field((), REPLACED),
)
"""What is asked of an assistant's line; `row_of` has their order."""

MOMENT, ID, MODEL, HAS_USAGE, INPUT, CLASSES = 1, 2, 3, 5, 6, slice(6, 10)
FIRST_MOMENT, REPLACED_ROWS = 27, 28
"""Where a row has some of them; CLASSES are input, output, cache read and cache creation."""
LATEST: Final = Latest(alike=(ID, MODEL), told=(INPUT,))
"""A response's lines follow each other, and all but the last only tell when it began."""

Classes = tuple[int, int, int, int, int, int | None, int]
_NULL: Final = msgspec.Raw(b"null")
_NO_MESSAGE, _NO_USAGE, _NO_SPLIT = MessageRecord(), UsageRecord(), CacheCreation()
_NAMES = UsageRecord.__struct_fields__[:4]
decode_line = msgspec.json.Decoder(TranscriptLine).decode
_decode_any = msgspec.json.decode
decode_ledger = msgspec.json.Decoder(CostState).decode


def row_of(line: TranscriptLine) -> Row:
    """Return the FIELDS of a decoded line."""
    message = line.message or _NO_MESSAGE
    usage = message.usage or _NO_USAGE
    split = usage.cache_creation or _NO_SPLIT
    details, tools = usage.output_tokens_details, usage.server_tool_use
    counts = (
        usage.input_tokens, usage.output_tokens, usage.cache_read_input_tokens,
        usage.cache_creation_input_tokens,
        split.ephemeral_5m_input_tokens, split.ephemeral_1h_input_tokens,
        None if details is None else details.thinking_tokens,
        None if tools is None else tools.web_search_requests,
    )  # fmt: skip
    fresh, output, read, written, short, long, thinking, searches = counts
    if ((fresh or 0) | (output or 0) | (read or 0) | (written or 0) | (short or 0) | (long or 0)
            | (thinking or 0) | (searches or 0)) >> COUNT_BITS:  # fmt: skip
        fresh, output, read, written, short, long, thinking, searches = map(_known, counts)
    iterations, moment = usage.iterations, instant_ms(line.timestamp)
    return (
        line.type, moment, message.id, message.model, message.stop_reason,
        message.usage is not None, fresh, output, read, written, short, long,
        details is not None, thinking, searches,
        usage.service_tier, usage.speed, usage.inference_geo,
        bytes(iterations) if iterations and iterations != _NULL else None,
        line.sessionId, line.requestSessionId, line.agentId,
        line.isSidechain, line.isAbortedMidStream, line.cwd, line.gitBranch, line.costUSD,
        moment, 0,
    )  # fmt: skip


def _known(told: int | None) -> int | None:
    return None if told is None else count(told)


def pick(line: bytes) -> Row:
    """Return the FIELDS of a line; raises one of NOT_JSON."""
    return row_of(decode_line(line))


def usage_classes(usage: UsageRecord) -> Classes:
    """Return the classes of one iteration's usage."""
    split, details = usage.cache_creation or _NO_SPLIT, usage.output_tokens_details
    tools = usage.server_tool_use
    return token_classes(
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_read_input_tokens,
        usage.cache_creation_input_tokens,
        split.ephemeral_5m_input_tokens,
        split.ephemeral_1h_input_tokens,
        details is not None,
        None if details is None else details.thinking_tokens,
        None if tools is None else tools.web_search_requests,
    )


def token_classes(
    fresh: int | None,
    output: int | None,
    read: int | None,
    whole: int | None,
    short: int | None,
    long: int | None,
    has_details: bool,
    thinking: int | None,
    searches: int | None,
) -> Classes:
    """Return input, cache read, writes of 5 min and 1 h, output, reasoning, web searches.

    What the split of cache writes does not cover lives five minutes.
    """
    fresh, output, read, whole = fresh or 0, output or 0, read or 0, whole or 0
    short, long, searches = short or 0, long or 0, searches or 0
    reasoning = min(thinking or 0, output) if has_details else None
    if short + long < whole:
        short = whole - long
    return fresh, read, short, long, output, reasoning, searches


def iterations_of(told: bytes, model: str | None) -> list[tuple[str | None, UsageRecord]]:
    """Return the model and usage of each billed iteration of one response."""
    entries = _entries(told)
    if not isinstance(entries, list):
        return []
    return [
        (text_or_none(entry.get("model")) or model, loose_usage(entry))
        for entry in entries
        if isinstance(entry, dict) and "input_tokens" in entry
    ]


def _entries(told: bytes) -> object:
    """Return JSON whose texts and numbers may be nonsense."""
    try:
        return _decode_any(told)
    except NOT_JSON:
        try:
            return json.loads(told.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return None


def model_name(
    name: str | None, tier: str | None, speed: str | None, geography: str | None
) -> ModelName:
    """Return the model with what decides its price: tier, fast mode and region."""
    clean = safe_name(name or "") or "unknown"
    priced = "fast" if speed == "fast" else safe_name(tier or "") or "standard"
    if geography == "us":
        priced += "+us"
    return ModelName(_provider(clean), clean, priced)


def _provider(model: str) -> str:
    """Return who serves a model of this name, or "" where the name does not tell."""
    if "anthropic.claude" in model:
        return "bedrock"
    if model.startswith("claude"):
        return "vertex" if "@" in model else "anthropic"
    return ""


def text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None


def loose_usage(found: dict[str, Any]) -> UsageRecord:
    """Return usage from fields of any type."""
    split, details = found.get("cache_creation"), found.get("output_tokens_details")
    tools, entries = found.get("server_tool_use"), found.get("iterations")
    is_known = any(found.get(name) is not None for name in _NAMES)
    return UsageRecord(
        input_tokens=count(found.get("input_tokens")) if is_known else None,
        output_tokens=count(found.get("output_tokens")) if is_known else None,
        cache_read_input_tokens=count(found.get("cache_read_input_tokens")) or None,
        cache_creation_input_tokens=count(found.get("cache_creation_input_tokens")) or None,
        cache_creation=CacheCreation(
            count(split.get("ephemeral_5m_input_tokens")),
            count(split.get("ephemeral_1h_input_tokens")),
        )
        if isinstance(split, dict)
        else None,
        output_tokens_details=OutputDetails(count(details.get("thinking_tokens")))
        if isinstance(details, dict)
        else None,
        server_tool_use=ServerTools(count(tools.get("web_search_requests")))
        if isinstance(tools, dict)
        else None,
        service_tier=text_or_none(found.get("service_tier")),
        speed=text_or_none(found.get("speed")),
        inference_geo=text_or_none(found.get("inference_geo")),
        iterations=_spelt(entries) if isinstance(entries, list) else msgspec.Raw(),
    )


def _spelt(entries: list[Any]) -> msgspec.Raw:
    """Return a list as JSON, or nothing where it is too deep."""
    try:
        return msgspec.Raw(json.dumps(entries).encode())
    except RecursionError:
        return msgspec.Raw()


def loose_message(found: dict[str, Any]) -> MessageRecord:
    usage = found.get("usage")
    return MessageRecord(
        id=text_or_none(found.get("id")),
        model=text_or_none(found.get("model")),
        usage=loose_usage(usage) if isinstance(usage, dict) else None,
        stop_reason=text_or_none(found.get("stop_reason")),
    )


def loose_line(found: dict[str, Any]) -> TranscriptLine:
    """Return an assistant line from fields of any type."""
    message, cost = found.get("message"), found.get("costUSD")
    stamp = found.get("timestamp")
    return TranscriptLine(
        message=loose_message(message) if isinstance(message, dict) else None,
        type="assistant",
        timestamp=stamp if isinstance(stamp, str) else _stamp_text(stamp),
        sessionId=text_or_none(found.get("sessionId")),
        requestSessionId=text_or_none(found.get("requestSessionId")),
        agentId=text_or_none(found.get("agentId")),
        isSidechain=found.get("isSidechain") is True,
        isAbortedMidStream=found.get("isAbortedMidStream") is True,
        cwd=text_or_none(found.get("cwd")),
        gitBranch=text_or_none(found.get("gitBranch")),
        costUSD=cost if isinstance(cost, int | float) and not isinstance(cost, bool) else None,
    )


def _stamp_text(value: object) -> str | None:
    """Return an epoch stamp as ISO text, so that one kind of stamp is left."""
    moment = instant_ms(value)
    return None if moment is None else datetime.fromtimestamp(moment / 1000, UTC).isoformat()
