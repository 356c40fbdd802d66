"""Writes a database as ZCode does: real in shape, made-up content."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.sources.agents.databases import AT_S, Tool, insert
from tests.sources.road import CANARY, Spent

PROJECT = "/home/ana/shop"
SCHEMA = """
CREATE TABLE session (id TEXT PRIMARY KEY, parent_id TEXT, directory TEXT, title TEXT);
CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, data TEXT);
CREATE TABLE model_usage (
    id TEXT PRIMARY KEY, session_id TEXT, turn_id TEXT, provider_id TEXT, model_id TEXT,
    agent TEXT, status TEXT, attempt_index INTEGER, started_at INTEGER, completed_at INTEGER,
    input_tokens INTEGER, output_tokens INTEGER, reasoning_tokens INTEGER,
    cache_creation_input_tokens INTEGER, cache_read_input_tokens INTEGER
);
"""


def path(home: Path) -> Path:
    """Return where the database lies."""
    return home / ".zcode" / "cli" / "db" / "db.sqlite"


def session(tables: sqlite3.Connection, name: str = "s1", parent: str | None = None) -> None:
    """Add a session with a prompt in it."""
    insert(tables, "session", id=name, parent_id=parent, directory=PROJECT, title="Fix the tax")
    insert(tables, "message", id=f"m-{name}", session_id=name, data=CANARY)


def request(tables: sqlite3.Connection, name: str, **fields: object) -> None:
    """Add an attempt at a request: 100 of input, 60 of them read and 10 written, 20 of output."""
    usual = {
        "session_id": "s1",
        "provider_id": "builtin:zai-coding-plan",
        "model_id": "glm-5.2",
        "agent": "build",
        "status": "completed",
        "attempt_index": 0,
        "started_at": AT_S * 1000,
        "completed_at": AT_S * 1000 + 2500,
        "input_tokens": 100,
        "output_tokens": 20,
        "reasoning_tokens": 5,
        "cache_creation_input_tokens": 10,
        "cache_read_input_tokens": 60,
    }
    insert(tables, "model_usage", id=name, **(usual | fields))


def spend(tables: sqlite3.Connection, turn: int, name: str) -> None:
    """Add the request of a turn."""
    if turn == 1:
        session(tables, name)
    request(tables, f"{name}-{turn}", session_id=name)


TOOL = Tool("zcode", path, SCHEMA, spend, Spent(1, 30, 10, 0, 60, 20, 5))
