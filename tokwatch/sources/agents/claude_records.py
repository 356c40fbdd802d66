"""The records of Claude Code transcripts: their shapes, and what their fields mean."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

from tokwatch.model.event import ModelName
from tokwatch.sources.counts import count, instant_ms
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
    iterations: list[dict[str, Any]] | None = None  # entries are checked one by one
    model: str | None = None


class MessageRecord(Struct, gc=False):
    id: str | None = None
    model: str | None = None
    usage: UsageRecord | None = None
    stop_reason: str | None = None


class AssistantLine(Struct, gc=False):
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


class Echoed(Struct, gc=False):
    message: MessageRecord | None = None
    timestamp: str | None = None


class EchoData(Struct, gc=False):
    message: Echoed | None = None
    agentId: str | None = None


class Echo(Struct, gc=False):
    data: EchoData | None = None
    timestamp: str | None = None
    cwd: str | None = None
    gitBranch: str | None = None


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


CLASSES = UsageRecord.__struct_fields__[:4]
decode_line = msgspec.json.Decoder(AssistantLine).decode
decode_echo = msgspec.json.Decoder(Echo).decode
decode_ledger = msgspec.json.Decoder(CostState).decode


def tells_nothing(usage: UsageRecord) -> bool:
    """Tell usage of a shape that nobody knows: none of its classes is there, not even as zero."""
    parts = (usage.input_tokens, usage.output_tokens, usage.cache_read_input_tokens)
    return parts == (None, None, None) and usage.cache_creation_input_tokens is None


def token_classes(
    usage: UsageRecord,
) -> tuple[int, int, int, int, int, int | None, int]:
    """Return input, cache read, writes of 5 min and 1 h, output, reasoning, web searches.

    What the split of cache writes does not cover lives five minutes.
    """
    fresh, read = usage.input_tokens or 0, usage.cache_read_input_tokens or 0
    output, whole = usage.output_tokens or 0, usage.cache_creation_input_tokens or 0
    split, details, tools = (
        usage.cache_creation,
        usage.output_tokens_details,
        usage.server_tool_use,
    )
    short = long = searches = 0
    reasoning = None
    if split is not None:
        short = split.ephemeral_5m_input_tokens or 0
        long = split.ephemeral_1h_input_tokens or 0
    if details is not None:
        reasoning = details.thinking_tokens or 0
    if tools is not None:
        searches = tools.web_search_requests or 0
    if (fresh | read | output | whole | short | long | searches | (reasoning or 0)) >> 33:
        fresh, read, output, whole = count(fresh), count(read), count(output), count(whole)
        short, long, searches = count(short), count(long), count(searches)
    if short + long < whole:
        short = whole - long
    if reasoning is not None:
        reasoning = min(count(reasoning), output)
    return fresh, read, short, long, output, reasoning, searches


def iterations_of(
    entries: list[dict[str, Any]], model: str | None
) -> list[tuple[str | None, UsageRecord]]:
    """Return the model and usage of each billed iteration of one response."""
    return [
        (text_or_none(entry.get("model")) or model, loose_usage(entry))
        for entry in entries
        if isinstance(entry, dict) and "input_tokens" in entry
    ]


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
    is_known = any(found.get(name) is not None for name in CLASSES)
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
        iterations=entries if isinstance(entries, list) else None,
    )


def loose_message(found: dict[str, Any]) -> MessageRecord:
    usage = found.get("usage")
    return MessageRecord(
        id=text_or_none(found.get("id")),
        model=text_or_none(found.get("model")),
        usage=loose_usage(usage) if isinstance(usage, dict) else None,
        stop_reason=text_or_none(found.get("stop_reason")),
    )


def loose_line(found: dict[str, Any]) -> AssistantLine:
    """Return an assistant line from fields of any type."""
    message, cost = found.get("message"), found.get("costUSD")
    stamp = found.get("timestamp")
    return AssistantLine(
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
