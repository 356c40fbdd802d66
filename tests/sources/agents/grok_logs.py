"""Writes sessions as Grok Build does: real in shape, made-up content."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

from tests.sources.road import CANARY, Fields, spelt, write

SESSION = "019f8870-7b2a-7c11-8d11-0a1b2c3d4e5f"
PROJECT = "/home/ana/shop"
AT = 1_785_578_400
AT_MS = 1_785_578_400_250
MODEL = "grok-4.5-build"


def log(
    home: Path, *lines: bytes, session: str = SESSION, folder: str = "sessions", **summary: object
) -> Path:
    """Write a session's updates, and its summary where there is any."""
    place = home / ".grok" / folder / quote(PROJECT, safe="") / session
    if summary:
        write(place / "summary.json", json.dumps(summary).encode())
    return write(place / "updates.jsonl", *lines)


def about(**fields: object) -> Fields:
    """Return a session's summary."""
    return {
        "info": {"id": SESSION, "cwd": PROJECT},
        "session_summary": CANARY,
        "created_at": "2026-08-01T09:00:00Z",
        "current_model_id": "grok-4.5",
    } | fields


def update(kind: str, at: object = AT, /, meta: object = None, **fields: object) -> bytes:
    """Return one update of a session."""
    params: Fields = {"sessionId": SESSION, "update": {"sessionUpdate": kind} | fields}
    if meta is not None:
        params["_meta"] = meta
    return spelt({"timestamp": at, "method": "_x.ai/session/update", "params": params})


def row(
    whole: object, output: object, cached: object = 0, written: object = 0, **more: object
) -> Fields:
    """Return counts: input that includes what the cache read and wrote, output with reasoning."""
    told = {"inputTokens": whole, "outputTokens": output, "cachedReadTokens": cached}
    return told | {"cacheCreationTokens": written, "reasoningTokens": 0} | more


def turn(name: str | None, usage: object, at: object = AT, **fields: object) -> bytes:
    """Return the end of a turn, with its usage."""
    named = {} if name is None else {"prompt_id": name}
    return update("turn_completed", at, stop_reason="end_turn", usage=usage, **named, **fields)


def asked(at: object = AT) -> bytes:
    """Return what the user asked."""
    return update("user_message_chunk", at, content={"type": "text", "text": CANARY})


def chunk(total: object, at: object = AT) -> bytes:
    """Return a piece of an answer, with the context's size so far."""
    meta = {"totalTokens": total}
    return update("agent_message_chunk", at, meta, content={"type": "text", "text": CANARY})
