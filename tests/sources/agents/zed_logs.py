"""Writes a database as Zed does: real in shape, made-up content."""

from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

from tests.sources.agents.databases import Tool
from tests.sources.road import CANARY, Fields, Spent

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

THREAD = "6f9b1c9e-2b51-4a7f-8f6e-0c2d6a1b9e01"
PROJECT = "/home/ana/shop"
SCHEMA = """
CREATE TABLE threads (
    id TEXT PRIMARY KEY, summary TEXT NOT NULL, updated_at TEXT NOT NULL,
    data_type TEXT NOT NULL, data BLOB NOT NULL
);
ALTER TABLE threads ADD COLUMN parent_id TEXT;
ALTER TABLE threads ADD COLUMN folder_paths TEXT;
ALTER TABLE threads ADD COLUMN created_at TEXT;
"""
OLD_SCHEMA = SCHEMA.split("ALTER")[0]

Counts = tuple[int, int, int, int]
"""Input, output, cache reads, cache writes."""

TURN: Counts = (30, 20, 60, 10)


def path(home: Path) -> Path:
    """Return where the database lies on Linux."""
    return home / ".local" / "share" / "zed" / "threads" / "threads.db"


def usage(counts: Counts) -> Fields:
    """Return usage in Zed's spelling."""
    names = ("input_tokens", "output_tokens")
    cached = ("cache_read_input_tokens", "cache_creation_input_tokens")
    return dict(zip((*names, *cached), counts, strict=True))


def content(total: Counts | None, prompts: dict[str, Counts], **fields: object) -> Fields:
    """Return a thread: each prompt is answered."""
    messages: list[Any] = []
    for name in prompts:
        messages.append({"User": {"id": name, "content": [{"Text": CANARY}]}})
        messages.append({"Agent": {"content": [{"Text": CANARY}], "tool_results": {}}})
        messages.append("Resume")
    told = {} if total is None else {"cumulative_token_usage": usage(total)}
    return {
        "title": "Fix the tax",
        "messages": messages,
        "updated_at": "2026-08-01T10:00:00Z",
        "request_token_usage": {name: usage(prompts[name]) for name in sorted(prompts)},
        "model": {"provider": "zed.dev", "model": "claude-sonnet-4-6"},
        "version": "0.3.0",
        **told,
        **fields,
    }


def save(
    tables: sqlite3.Connection,
    thread: object,
    name: str = THREAD,
    at: str = "10:00:00",
    kind: str = "zstd",
    **fields: object,
) -> None:
    """Write a thread anew, as the editor does at every change."""
    plain = thread if isinstance(thread, bytes) else json.dumps(thread).encode()
    data = zstd.compress(plain) if kind == "zstd" else plain
    told = {
        "id": name,
        "summary": "Fix the tax",
        "updated_at": f"2026-08-01T{at}+00:00",
        "data_type": kind,
        "data": data,
    } | fields
    tables.execute(
        f"INSERT OR REPLACE INTO threads ({', '.join(told)}) VALUES ({', '.join('?' * len(told))})",
        [*told.values()],
    )


def spend(tables: sqlite3.Connection, turn: int, name: str) -> None:
    """Add a prompt that took one request to the thread."""
    prompts = {f"prompt-{place}": TURN for place in range(turn)}
    total = tuple(count * turn for count in TURN)
    thread = content((total[0], total[1], total[2], total[3]), prompts)
    save(tables, thread, name, at=f"10:00:{turn:02}", folder_paths=f"{PROJECT}\n/home/ana/tax")


TOOL = Tool("zed", path, SCHEMA, spend, Spent(1, 30, 10, 0, 60, 20, 0))
