"""Writes a database as Hermes does: real in shape, made-up content."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.sources.agents.databases import AT_S, Tool, insert, update
from tests.sources.road import CANARY, Spent

SESSION = "20260801_100000_ab12cd34"
PROJECT = "/home/ana/shop"
PARTS = ("input", "output", "cache_read", "cache_write", "reasoning")
TURN = (30, 20, 60, 10, 5)
"""What a turn adds to the totals."""
FIRST_SCHEMA = """
CREATE TABLE sessions (
    id TEXT PRIMARY KEY, source TEXT NOT NULL, user_id TEXT, model TEXT, model_config TEXT,
    system_prompt TEXT, parent_session_id TEXT, started_at REAL NOT NULL, ended_at REAL,
    end_reason TEXT, message_count INTEGER DEFAULT 0, tool_call_count INTEGER DEFAULT 0,
    input_tokens INTEGER DEFAULT 0, output_tokens INTEGER DEFAULT 0
);
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT NOT NULL, role TEXT NOT NULL,
    content TEXT, timestamp REAL NOT NULL
);
CREATE INDEX idx_messages_session ON messages(session_id, timestamp);
"""
TOTALS_SCHEMA = (
    FIRST_SCHEMA
    + """
ALTER TABLE sessions ADD COLUMN cache_read_tokens INTEGER DEFAULT 0;
ALTER TABLE sessions ADD COLUMN cache_write_tokens INTEGER DEFAULT 0;
ALTER TABLE sessions ADD COLUMN reasoning_tokens INTEGER DEFAULT 0;
ALTER TABLE sessions ADD COLUMN cwd TEXT;
ALTER TABLE sessions ADD COLUMN git_branch TEXT;
ALTER TABLE sessions ADD COLUMN billing_provider TEXT;
ALTER TABLE sessions ADD COLUMN billing_base_url TEXT;
ALTER TABLE sessions ADD COLUMN estimated_cost_usd REAL;
ALTER TABLE sessions ADD COLUMN actual_cost_usd REAL;
ALTER TABLE sessions ADD COLUMN cost_status TEXT;
ALTER TABLE sessions ADD COLUMN title TEXT;
ALTER TABLE sessions ADD COLUMN last_activity_at REAL;
ALTER TABLE sessions ADD COLUMN api_call_count INTEGER DEFAULT 0;
"""
)
BY_MODEL = """
CREATE TABLE session_model_usage (
    session_id TEXT NOT NULL, model TEXT NOT NULL, billing_provider TEXT NOT NULL DEFAULT '',
    billing_base_url TEXT NOT NULL DEFAULT '', billing_mode TEXT NOT NULL DEFAULT '',
    task TEXT NOT NULL DEFAULT '', api_call_count INTEGER NOT NULL DEFAULT 0,
    input_tokens INTEGER NOT NULL DEFAULT 0, output_tokens INTEGER NOT NULL DEFAULT 0,
    cache_read_tokens INTEGER NOT NULL DEFAULT 0, cache_write_tokens INTEGER NOT NULL DEFAULT 0,
    reasoning_tokens INTEGER NOT NULL DEFAULT 0, estimated_cost_usd REAL NOT NULL DEFAULT 0,
    actual_cost_usd REAL NOT NULL DEFAULT 0, cost_status TEXT, cost_source TEXT,
    first_seen REAL, last_seen REAL,
    PRIMARY KEY (session_id, model, billing_provider, billing_base_url, billing_mode, task)
);
"""
SCHEMA = TOTALS_SCHEMA + BY_MODEL


def path(home: Path) -> Path:
    """Return where the user's own database lies."""
    return home / ".hermes" / "state.db"


def totals(parts: tuple[int, ...]) -> dict[str, object]:
    """Return totals in Hermes's spelling."""
    names = (f"{name}_tokens" for name in PARTS)
    return dict(zip(names, parts, strict=True))


def session(tables: sqlite3.Connection, name: str = SESSION, **fields: object) -> None:
    """Add a session with a prompt in it."""
    usual = {
        "source": "cli",
        "model": "claude-sonnet-4-6",
        "system_prompt": CANARY,
        "started_at": float(AT_S),
    }
    insert(tables, "sessions", id=name, **(usual | fields))


def said(tables: sqlite3.Connection, at_s: float, name: str = SESSION) -> None:
    """Add a message."""
    insert(tables, "messages", session_id=name, role="user", content=CANARY, timestamp=at_s)


def used(
    tables: sqlite3.Connection, parts: tuple[int, ...], name: str = SESSION, **fields: object
) -> None:
    """Write a session's totals."""
    update(tables, "sessions", name, **(totals(parts) | fields))


def by_model(
    tables: sqlite3.Connection,
    parts: tuple[int, ...],
    model: str = "claude-sonnet-4-6",
    task: str = "",
    name: str = SESSION,
    **fields: object,
) -> None:
    """Write the totals of a session with a model, at the first turn or at a later one."""
    told = {
        "session_id": name,
        "model": model,
        "task": task,
        "billing_provider": "anthropic",
        "first_seen": float(AT_S),
        "last_seen": float(AT_S),
        **totals(parts),
    } | fields
    tables.execute(
        f"INSERT OR REPLACE INTO session_model_usage ({', '.join(told)})"
        f" VALUES ({', '.join('?' * len(told))})",
        [*told.values()],
    )


def so_far(turn: int) -> tuple[int, ...]:
    """Return the totals after some turns."""
    return tuple(count * turn for count in TURN)


def spend(tables: sqlite3.Connection, turn: int, name: str) -> None:
    """Add a turn to the session and to its model."""
    if turn == 1:
        session(tables, name)
    used(tables, so_far(turn), name, api_call_count=turn)
    by_model(tables, so_far(turn), name=name, api_call_count=turn, last_seen=AT_S + turn)


def accumulate(tables: sqlite3.Connection, turn: int, name: str) -> None:
    """Add a turn to the session alone, as versions before the totals by model did."""
    if turn == 1:
        session(tables, name)
    said(tables, AT_S + turn, name)
    used(tables, so_far(turn), name, api_call_count=turn)


_EACH = Spent(1, 30, 10, 0, 60, 20, 5)
TOOL = Tool("hermes", path, SCHEMA, spend, _EACH)
TOTALS_TOOL = Tool("hermes", path, TOTALS_SCHEMA, accumulate, _EACH)
