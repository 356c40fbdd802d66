"""Writes threads as Amp does: real in shape, made-up content."""

from __future__ import annotations

import json
from pathlib import Path

from tests.sources.road import CANARY, Fields, write

AT = "2026-08-01T10:00:00.000Z"
AT_MS = 1_785_578_400_000
THREAD = "T-6f1c0f6e-51f8-4f4e-9d64-1b7d1a7a5c11"
PROJECT = "/home/ana/shop"
TREE: Fields = {
    "uri": "file:///home/ana/shop",
    "displayName": "shop",
    "repository": {"type": "git", "ref": "refs/heads/main"},
}


def folder(home: Path) -> Path:
    """Return the folder of threads."""
    return home / ".local" / "share" / "amp" / "threads"


def thread(*messages: Fields, **more: object) -> Fields:
    """Return a thread."""
    env = {"initial": {"trees": [TREE], "platform": {"os": "linux"}}}
    return {"v": 9, "id": THREAD, "created": AT_MS, "messages": list(messages), "env": env, **more}


def amp_log(home: Path, told: object, name: str = THREAD) -> Path:
    """Write a thread."""
    return write(folder(home) / f"{name}.json", json.dumps(told).encode())


def used(
    fresh: int = 5, output: int = 400, read: int = 30_000, written: int = 1_200, **more: object
) -> Fields:
    """Return the usage of a message."""
    return {
        "model": "claude-opus-4-8",
        "timestamp": AT,
        "maxInputTokens": 200_000,
        "inputTokens": fresh,
        "outputTokens": output,
        "cacheCreationInputTokens": written,
        "cacheReadInputTokens": read,
        "totalInputTokens": fresh + read + written,
        **more,
    }


def asked(number: int = 0, at_ms: int = AT_MS, text: str = CANARY) -> Fields:
    """Return a prompt."""
    content = [{"type": "text", "text": text}]
    return {"role": "user", "messageId": number, "content": content, "meta": {"sentAt": at_ms}}


def answered(number: int = 1, usage: Fields | None = None, **more: object) -> Fields:
    """Return an answer."""
    return {
        "role": "assistant",
        "messageId": number,
        "content": [{"type": "text", "text": CANARY}],
        "state": {"type": "complete", "stopReason": "end_turn"},
        "usage": used() if usage is None else usage,
        **more,
    }


def ledger(*events: Fields) -> Fields:
    """Return the ledger that older versions kept."""
    return {"usageLedger": {"events": list(events)}}


def event(
    to: int | None = 1, fresh: int = 5, output: int = 400, identity: str = "e1", **more: object
) -> Fields:
    """Return an event of the ledger."""
    told: Fields = {
        "id": identity,
        "timestamp": AT,
        "model": "claude-opus-4-8",
        "credits": 1.5,
        "tokens": {"input": fresh, "output": output},
        "operationType": "inference",
        "fromMessageId": 0,
        **more,
    }
    return told if to is None else told | {"toMessageId": to}
