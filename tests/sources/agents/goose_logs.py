"""Writes a database as Goose does: real in shape, made-up content."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.sources.agents.databases import AT_S, Tool, insert, update
from tests.sources.road import CANARY, Spent

SESSION = "20260801_1"
PROJECT = "/home/ana/shop"
MODEL = '{"model_name":"claude-sonnet-4-6","context_limit":200000}'
_OLD_SESSIONS = """
CREATE TABLE schema_version (version INTEGER PRIMARY KEY);
CREATE TABLE sessions (
    id TEXT PRIMARY KEY, name TEXT NOT NULL DEFAULT '', description TEXT NOT NULL DEFAULT '',
    session_type TEXT NOT NULL DEFAULT 'user', working_dir TEXT NOT NULL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    extension_data TEXT DEFAULT '{}', total_tokens INTEGER, input_tokens INTEGER,
    output_tokens INTEGER, accumulated_total_tokens INTEGER, accumulated_input_tokens INTEGER,
    accumulated_output_tokens INTEGER, provider_name TEXT, model_config_json TEXT
);
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT NOT NULL, role TEXT NOT NULL,
    content_json TEXT NOT NULL, created_timestamp INTEGER NOT NULL
);
CREATE INDEX idx_sessions_updated ON sessions(updated_at DESC);
"""
OLD_SCHEMA = _OLD_SESSIONS
"""Before cache tokens were kept."""
TOTALS_SCHEMA = (
    _OLD_SESSIONS
    + """
ALTER TABLE sessions ADD COLUMN accumulated_cost REAL;
ALTER TABLE sessions ADD COLUMN accumulated_cache_read_tokens INTEGER;
ALTER TABLE sessions ADD COLUMN accumulated_cache_write_tokens INTEGER;
"""
)
LEDGER = """
ALTER TABLE sessions ADD COLUMN parent_session_id TEXT;
CREATE TABLE usage_ledger (
    id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT NOT NULL,
    created_timestamp INTEGER NOT NULL, model TEXT, input_tokens INTEGER, output_tokens INTEGER,
    total_tokens INTEGER, cache_read_tokens INTEGER, cache_write_tokens INTEGER, cost REAL,
    cost_source TEXT, is_compaction INTEGER DEFAULT 0
);
"""
SCHEMA = TOTALS_SCHEMA + LEDGER


def path(home: Path) -> Path:
    """Return where the database lies on Linux."""
    return home / ".local" / "share" / "goose" / "sessions" / "sessions.db"


def session(tables: sqlite3.Connection, name: str = SESSION, **fields: object) -> None:
    """Add a session with a prompt in it."""
    usual = {
        "name": "Fix the tax",
        "working_dir": PROJECT,
        "created_at": "2026-08-01 09:00:00",
        "updated_at": "2026-08-01 10:00:00",
        "provider_name": "anthropic",
        "model_config_json": MODEL,
    }
    insert(tables, "sessions", id=name, **(usual | fields))
    insert(
        tables,
        "messages",
        session_id=name,
        role="user",
        content_json=CANARY,
        created_timestamp=AT_S,
    )


def used(tables: sqlite3.Connection, name: str = SESSION, at: str = "10:00:00", **new: int) -> None:
    """Write a session's accumulated totals: `input=120` sets accumulated_input_tokens."""
    totals: dict[str, object] = {f"accumulated_{part}_tokens": count for part, count in new.items()}
    update(tables, "sessions", name, updated_at=f"2026-08-01 {at}", **totals)


def request(tables: sqlite3.Connection, name: str = SESSION, **fields: object) -> None:
    """Add a request: 100 of input, 60 of them read and 10 written, 20 of output."""
    usual = {
        "created_timestamp": AT_S,
        "model": "claude-sonnet-4-6",
        "input_tokens": 100,
        "output_tokens": 20,
        "total_tokens": 120,
        "cache_read_tokens": 60,
        "cache_write_tokens": 10,
        "cost": 0.0093,
        "cost_source": "estimated",
    }
    insert(tables, "usage_ledger", session_id=name, **(usual | fields))


def carried(tables: sqlite3.Connection, name: str = SESSION, **fields: object) -> None:
    """Add what a session had spent before it had requests."""
    request(tables, name, model=None, cost_source="carried_forward", **fields)


def spend(tables: sqlite3.Connection, turn: int, name: str) -> None:
    """Add the request of a turn, and the session's totals with it."""
    if turn == 1:
        session(tables, name)
    request(tables, name, created_timestamp=AT_S + turn)
    used(tables, name, input=100 * turn, output=20 * turn, total=120 * turn, cache_read=60 * turn)


def accumulate(tables: sqlite3.Connection, turn: int, name: str) -> None:
    """Let a session's totals alone tell of a turn."""
    if turn == 1:
        session(tables, name)
    cached = {"cache_read": 60 * turn, "cache_write": 10 * turn}
    at = f"10:00:{turn:02}"
    used(tables, name, at, input=100 * turn, output=20 * turn, total=120 * turn, **cached)


_EACH = Spent(1, 30, 10, 0, 60, 20, 0)
TOOL = Tool("goose", path, SCHEMA, spend, _EACH)
TOTALS_TOOL = Tool("goose", path, TOTALS_SCHEMA, accumulate, _EACH)
