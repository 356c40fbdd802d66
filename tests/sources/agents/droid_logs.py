"""Writes sessions as Factory Droid does: real in shape, made-up content."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.sources.road import CANARY, Fields, spelt, write

SESSION = "4f2b7c7e-6a58-4d07-9a53-52d1f6f0a901"
PROJECT = "/home/ana/shop"
BEGAN = "2026-08-01T10:00:00.000Z"
BEGAN_MS = 1_785_578_400_000
HOUR_MS = 3_600_000

Counts = tuple[object, object, object, object, object]
"""Uncached input, cache reads, cache writes, visible output, thinking."""

TOTALS: Counts = (900, 310_000, 22_000, 4_100, 700)


def totals(counts: Counts) -> Fields:
    """Return a session's totals in Droid's spelling."""
    names = (
        *("inputTokens", "cacheReadTokens", "cacheCreationTokens"),
        *("outputTokens", "thinkingTokens"),
    )
    return dict(zip(names, counts, strict=True))


def settings(counts: Counts = TOTALS, **fields: object) -> Fields:
    """Return a session's settings."""
    return {
        "model": "claude-sonnet-4-6",
        "providerLock": "anthropic",
        "providerLockTimestamp": BEGAN,
        "tokenUsage": totals(counts),
        "autonomyMode": "normal",
    } | fields


def save(
    home: Path, told: object, session: str = SESSION, changed_ms: int = BEGAN_MS + HOUR_MS
) -> Path:
    """Write a session's settings as the tool does: a new file in place of the old one."""
    folder = home / ".factory" / "sessions" / "-home-ana-shop"
    content = told if isinstance(told, bytes) else json.dumps(told, indent=2).encode()
    fresh = write(folder / f"{session}.settings.json.tmp", content)
    os.utime(fresh, ns=(changed_ms * 1_000_000, changed_ms * 1_000_000))
    return fresh.replace(folder / f"{session}.settings.json")


def session_log(home: Path, *texts: str, **start: object) -> Path:
    """Write a session's own log."""
    folder = home / ".factory" / "sessions" / "-home-ana-shop"
    begin = {"type": "session_start", "id": SESSION, "title": CANARY, "cwd": PROJECT} | start
    messages = [
        {
            "type": "message",
            "message": {"role": "user", "content": [{"type": "text", "text": text}]},
        }
        for text in texts
    ]
    return write(folder / f"{SESSION}.jsonl", *map(spelt, [begin, *messages]))
