"""Writes lines as Codex CLI does: real in shape, made-up content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.sources.road import CANARY, spelt

THREAD = "01a1f87c-0000-7000-8000-000000000001"
AT = "2026-08-01T10:00:00.000Z"
GPT = "gpt-5.5"

Counts = tuple[int, int, int, int]
"""Input, cached of it, output, reasoning of it."""


def line(kind: str, payload: Mapping[str, Any], at: object = AT, **more: object) -> bytes:
    """Return one line: timestamp, type, payload; a payload has fields of every type."""
    record = {"timestamp": at, "type": kind, "payload": payload} | more
    return spelt({name: value for name, value in record.items() if value is not None})


def meta(thread: str = THREAD, at: str = AT, **more: object) -> bytes:
    """Return the first line of a rollout."""
    payload = {
        "id": thread,
        "timestamp": at,
        "cwd": "/home/ana/shop",
        "originator": "codex_cli_rs",
        "cli_version": "0.142.4",
        "source": "cli",
        "model_provider": "openai",
        "base_instructions": {"text": CANARY},
        "git": {"commit_hash": "0a1b", "branch": "main"},
    } | more
    return line("session_meta", payload, at)


def turn(model: str = GPT, at: str = AT, **more: object) -> bytes:
    """Return the context of a turn, which names the model."""
    payload = {"turn_id": "t1", "cwd": "/home/ana/shop", "model": model, "effort": "low"}
    return line("turn_context", payload | more, at)


def event(kind: str, at: object = AT, **payload: object) -> bytes:
    """Return an event of the thread."""
    return line("event_msg", {"type": kind, **payload}, at)


def settings(tier: object, at: str = AT) -> bytes:
    """Return a change of the thread's settings."""
    return event("thread_settings_applied", at, thread_settings={"service_tier": tier})


def prompt(at: str = AT) -> bytes:
    """Return what the user asked."""
    return event("user_message", at, message=CANARY)


def item(text: str = CANARY, at: str = AT) -> bytes:
    """Return an item of a response, which carries no usage."""
    content = [{"type": "output_text", "text": text}]
    return line("response_item", {"type": "message", "role": "assistant", "content": content}, at)


def counts(vector: Counts, written: int | None = None) -> dict[str, int]:
    """Return a usage object; the total is input and output."""
    fresh, cached, out, reasoning = vector
    found = {
        "input_tokens": fresh,
        "cached_input_tokens": cached,
        "output_tokens": out,
        "reasoning_output_tokens": reasoning,
        "total_tokens": fresh + out,
    }
    return found if written is None else found | {"cache_write_input_tokens": written}


def totals(
    total: Counts | None, last: Counts | None = None, at: object = AT, **more: object
) -> bytes:
    """Return a `token_count` event: the thread's running total and the last call's usage."""
    info: dict[str, object] | None = None
    if total is not None:
        info = {"total_token_usage": counts(total), "model_context_window": 272_000}
        if last is not None:
            info["last_token_usage"] = counts(last)
    return event("token_count", at, info=info, rate_limits=None, **more)


def record(
    response: str | None, vector: Counts, at: object = AT, written: int = 0, **more: object
) -> bytes:
    """Return one response's own usage, as 0.169 writes it."""
    payload = {
        "thread_id": THREAD,
        "turn_id": "t1",
        "session_id": THREAD,
        "response_id": response,
        "usage": counts(vector, written),
        "thread_token_usage": counts(vector, written),
    } | more
    return line("token_usage_record", payload, at, ordinal=7)


def plus(left: Counts, right: Counts) -> Counts:
    """Return the sum of two usage vectors."""
    fresh, cached, out, reasoning = (a + b for a, b in zip(left, right, strict=True))
    return fresh, cached, out, reasoning
