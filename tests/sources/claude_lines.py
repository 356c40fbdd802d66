"""Writes lines as Claude Code does: real in shape, the key order of 2.x, made-up content."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.sources.road import CANARY, spelt

SESSION = "5f0c2b6e-0000-4000-8000-000000000001"
PROJECT = "-home-ana-shop"
AT = "2026-08-01T10:00:00.000Z"
OPUS = "claude-opus-4-8"

Json = Mapping[str, Any]  # a record has fields of every type


def line(record: Json, **changes: object) -> bytes:
    """Return a record as one line; a change to None leaves the field out."""
    merged = {**record, **changes}
    return spelt({name: value for name, value in merged.items() if value is not None})


def usage(
    fresh: object = 3,
    out: object = 100,
    read: object = 0,
    write_5m: int = 0,
    write_1h: int = 0,
    **more: object,
) -> dict[str, object]:
    """Return a usage object; cache writes are split by their time to live."""
    return {
        "input_tokens": fresh,
        "cache_creation_input_tokens": write_5m + write_1h,
        "cache_read_input_tokens": read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": write_5m,
            "ephemeral_1h_input_tokens": write_1h,
        },
        "output_tokens": out,
        "service_tier": "standard",
    } | more


def answer(
    message_id: str | None = "msg_1",
    out: object = 100,
    *,
    counts: object = None,
    stop: str | None = "end_turn",
    model: str | None = OPUS,
    at: object = AT,
    session: str = SESSION,
    text: str = "done",
    **more: object,
) -> bytes:
    """Return one line of a response; `counts` is its whole usage, else only the output is told."""
    message = {
        "model": model,
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "content": [{"type": "text", "text": text}],
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": usage(out=out) if counts is None else counts,
    }
    if message_id is None:
        del message["id"]
    record = {
        "parentUuid": "8b1f0c5a-0000-4000-8000-0000000000aa",
        "isSidechain": False,
        "message": message,
        "requestId": "req_011CT",
        "type": "assistant",
        "uuid": "8b1f0c5a-0000-4000-8000-0000000000ab",
        "timestamp": at,
        "userType": "external",
        "cwd": "/home/ana/shop",
        "sessionId": session,
        "version": "2.1.220",
        "gitBranch": "main",
    }
    return line(record, **more)


def prompt(text: str = CANARY, at: str = AT, session: str = SESSION, **more: object) -> bytes:
    """Return a user's line, which carries no usage."""
    record = {
        "parentUuid": None,
        "isSidechain": False,
        "promptId": "41be1cff-0000-4000-8000-00000000000a",
        "type": "user",
        "message": {"role": "user", "content": text},
        "uuid": "43a2dc95-0000-4000-8000-00000000000b",
        "timestamp": at,
        "userType": "external",
        "cwd": "/home/ana/shop",
        "sessionId": session,
        "version": "2.1.220",
        "gitBranch": "main",
    }
    return line(record, **more)


def attachment(text: str = CANARY) -> bytes:
    """Return an attachment's line, whose type stands behind its content."""
    return line(
        {
            "parentUuid": "8b1f0c5a-0000-4000-8000-0000000000aa",
            "isSidechain": False,
            "attachment": {"type": "skill_listing", "content": text},
            "type": "attachment",
            "uuid": "43a2dc95-0000-4000-8000-00000000000c",
            "timestamp": AT,
        }
    )


def echo(message_id: str, out: object, at: str = AT, agent: str = "a1", **more: object) -> bytes:
    """Return a progress line: a copy of a sub-agent's message in its parent's transcript."""
    inner = json.loads(answer(message_id, out, at=at, text=CANARY))
    return line(
        {
            "parentUuid": "8b1f0c5a-0000-4000-8000-0000000000aa",
            "isSidechain": False,
            "userType": "external",
            "cwd": "/home/ana/shop",
            "sessionId": SESSION,
            "gitBranch": "main",
            "type": "progress",
            "data": {
                "message": {
                    "type": "assistant",
                    "timestamp": at,
                    "message": inner["message"],
                    "requestId": "req_011CS",
                    "uuid": "8b1f0c5a-0000-4000-8000-0000000000ad",
                },
                "type": "agent_progress",
                "prompt": CANARY,
                "agentId": agent,
            },
            "timestamp": at,
        },
        **more,
    )


def cost_state(models: Mapping[str, Json], session: str = SESSION, **more: object) -> bytes:
    """Return the session's own totals, as 2.1.328 appends them when it ends."""
    return line(
        {
            "type": "cost-state",
            "sessionId": session,
            "totalCostUSD": 0.5,
            "totalDuration": 5_000,
            "startTime": 1_785_578_400_000,
            "modelUsage": models,
            "hasUnknownModelCost": False,
        },
        **more,
    )


def model_usage(
    fresh: int, out: int, read: int = 0, write: int = 0, write_1h: int = 0, cost: float = 0.5
) -> dict[str, object]:
    """Return what `cost-state` says of one model."""
    return {
        "inputTokens": fresh,
        "outputTokens": out,
        "thinkingTokens": 0,
        "cacheReadInputTokens": read,
        "cacheCreationInputTokens": write,
        "cacheCreationEphemeral5mInputTokens": write - write_1h,
        "cacheCreationEphemeral1hInputTokens": write_1h,
        "webSearchRequests": 0,
        "costUSD": cost,
    }


def iteration(model: str, fresh: int, out: int) -> dict[str, object]:
    """Return one billed iteration of a response."""
    return {"type": "message", "model": model, **usage(fresh, out)}


def joined(lines: Sequence[bytes]) -> bytes:
    """Return lines as the bytes of a log."""
    return b"".join(lines)
