"""Slow second readers of gateways' logs, by GATEWAYS' rules alone: plain JSON and plain SELECTs."""

from __future__ import annotations

import json
import sqlite3
from base64 import b64decode
from pathlib import Path
from typing import NamedTuple

from tests.sources.reference_text import Record, instant, records, table, text, tokens


class Told(NamedTuple):
    """What one record amounts to; what is unknown is 0."""

    instant_ms: int
    requests: int
    input: int = 0
    cache_read: int = 0
    short_writes: int = 0
    long_writes: int = 0
    output: int = 0
    reasoning: int = 0


def litellm(path: Path) -> list[Told]:
    """Return what LiteLLM's payloads amount to: the last of each id, hits of its cache apart."""
    found: dict[object, Told] = {}
    for number, payload in records(path):
        at = milliseconds(payload.get("endTime"))
        used = usage(table(table(payload.get("metadata")).get("usage_object")))
        is_hit = payload.get("cache_hit") is True
        has_failed = payload.get("status") == "failure"
        is_empty = not (used[0] or used[1] or used[4])
        told = Told(at, 0) if is_hit or (has_failed and is_empty) else Told(at, 1, *used)
        found[is_hit, text(payload.get("id")) or number] = told
    return sorted(found.values())


def headroom(path: Path) -> list[Told]:
    """Return what headroom's records amount to: the last of each id."""
    found: dict[object, Told] = {}
    for number, record in records(path):
        fresh, read, output = (
            tokens(record.get(name))
            for name in ("uncached_input_tokens", "cache_read_tokens", "output_tokens")
        )
        written = 0
        if text(record.get("provider")).split("-")[0] in ("anthropic", "bedrock"):
            written = tokens(record.get("cache_write_tokens"))
        if fresh + written == 0:
            fresh = max(0, tokens(record.get("input_tokens_optimized")) - read)
        at = instant(record.get("timestamp")) or 0
        is_request = fresh + read + written + output > 0
        told = Told(at, 1, fresh, read, written, 0, output) if is_request else Told(at, 0)
        found[text(record.get("request_id")) or number] = told
    return sorted(found.values())


def toklog(path: Path) -> list[Told]:
    """Return what toklog's entries amount to: the last of each response's id."""
    found: dict[object, Told] = {}
    for number, entry in records(path):
        at = instant(entry.get("timestamp")) or 0
        if entry.get("request_id") == "chatcmpl-bench":
            continue
        used = toklog_usage(entry)
        told = Told(at, 1, *used) if any(used) else Told(at, 0)
        found[text(entry.get("response_id")) or number] = told
    return sorted(found.values())


def toklog_usage(entry: Record) -> tuple[int, ...]:
    """Return the classes of an entry: of the provider's own usage, else of toklog's counts."""
    raw = table(entry.get("raw_usage"))
    if "message_start" in raw:
        merged = dict(table(raw["message_start"]))
        for name, value in table(raw.get("message_delta")).items():
            if value is not None:
                merged[name] = value
        return usage(merged)
    if raw:
        return usage(raw)
    if entry.get("input_tokens") is None:
        return (0,) * 6
    whole, read, written, output, thoughts = (
        tokens(entry.get(name))
        for name in (
            *("input_tokens", "cache_read_tokens", "cache_creation_tokens", "output_tokens"),
            "thinking_tokens",
        )
    )
    if entry.get("provider") == "anthropic":
        return whole, read, written, 0, output, 0
    if entry.get("provider") == "gemini":
        read = min(read, whole)
        return whole - read, read, 0, 0, output + thoughts, thoughts
    fresh = whole - read - written if whole >= read + written else whole
    return fresh, read, written, 0, output, min(thoughts, output)


def usage(told: Record) -> tuple[int, ...]:
    """Return the classes of a provider's usage object; its names tell what input includes."""
    if "promptTokenCount" in told:
        whole, cached, output, thoughts, tools = (
            tokens(told.get(f"{name}TokenCount"))
            for name in ("prompt", "cachedContent", "candidates", "thoughts", "toolUsePrompt")
        )
        cached = min(cached, whole)
        return whole - cached + tools, cached, 0, 0, output + thoughts, thoughts
    is_chat = "prompt_tokens" in told
    whole = tokens(told.get("prompt_tokens" if is_chat else "input_tokens"))
    output = tokens(told.get("completion_tokens" if is_chat else "output_tokens"))
    if not is_chat and "total_tokens" not in told:
        read = tokens(told.get("cache_read_input_tokens"))
        written = tokens(told.get("cache_creation_input_tokens"))
        long = tokens(table(told.get("cache_creation")).get("ephemeral_1h_input_tokens"))
        return whole, read, max(0, written - long), long, output, 0
    details = table(told.get("prompt_tokens_details" if is_chat else "input_tokens_details"))
    outputs = table(told.get("completion_tokens_details" if is_chat else "output_tokens_details"))
    read, written = tokens(details.get("cached_tokens")), tokens(details.get("cache_write_tokens"))
    lives = table(details.get("cache_creation_token_details"))
    long = tokens(lives.get("ephemeral_1h_input_tokens"))
    fresh = whole - read - written if whole >= read + written else whole
    reasoning = min(tokens(outputs.get("reasoning_tokens")), output)
    return fresh, read, max(0, written - long), long, output, reasoning


def milliseconds(seconds: object) -> int:
    """Return a time in seconds as milliseconds."""
    return round(float(str(seconds)) * 1000)


def ccflare(path: Path) -> list[Told]:
    """Return what better-ccflare's rows amount to."""
    database = sqlite3.connect(path)
    rows = database.execute(
        "SELECT r.timestamp, r.status_code, r.prompt_tokens, r.input_tokens,"
        " r.cache_read_input_tokens, r.cache_creation_input_tokens, r.output_tokens,"
        " r.completion_tokens, p.json"
        " FROM requests r LEFT JOIN request_payloads p ON p.id = r.id"
    ).fetchall()
    database.close()
    found: list[Told] = []
    for at, status, *counts, payload in rows:
        whole, fresh, read, written, output, completion = map(tokens, counts)
        if not any((whole, fresh, read, written, output, completion)):
            if status >= 400:
                found.append(Told(at, 0))
            continue
        if whole > 0 and whole >= read + written:
            fresh = whole - read - written
        long = min(written, long_writes(payload)) if payload else 0
        found.append(Told(at, 1, fresh, read, written - long, long, output or completion))
    return sorted(found)


def long_writes(payload: str) -> int:
    """Return the cache writes of an hour that a streamed answer tells of."""
    body = b64decode(json.loads(payload)["response"]["body"]).decode()
    first = json.loads(body.split("\n")[0].removeprefix("data: "))
    told = first["message"]["usage"]["cache_creation"]["ephemeral_1h_input_tokens"]
    return int(told)
