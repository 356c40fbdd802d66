"""Writes a registry and a project's database as Crush does: real in shape, made-up content."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from tests.sources.agents.databases import AT_S, Tool, insert, update
from tests.sources.road import CANARY, Spent

SCHEMA = """
CREATE TABLE sessions (
    id TEXT PRIMARY KEY, parent_session_id TEXT, title TEXT NOT NULL,
    message_count INTEGER NOT NULL DEFAULT 0, prompt_tokens INTEGER NOT NULL DEFAULT 0,
    completion_tokens INTEGER NOT NULL DEFAULT 0, cost REAL NOT NULL DEFAULT 0.0,
    updated_at INTEGER NOT NULL, created_at INTEGER NOT NULL, summary_message_id TEXT
);
CREATE TABLE messages (
    id TEXT PRIMARY KEY, session_id TEXT NOT NULL, role TEXT NOT NULL,
    parts TEXT NOT NULL DEFAULT '[]', model TEXT, created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL, finished_at INTEGER, provider TEXT
);
CREATE INDEX idx_messages_session_id ON messages (session_id);
"""


def registry(home: Path, *projects: object) -> Path:
    """Write the list of projects."""
    file = home / ".local" / "share" / "crush" / "projects.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"projects": projects}, indent=2), "utf-8")
    return file


def project(home: Path, name: str = "shop") -> dict[str, str]:
    """Return a project as the registry lists it."""
    folder = home / name
    return {
        "path": str(folder),
        "data_dir": str(folder / ".crush"),
        "last_accessed": "2026-08-01T10:00:00Z",
    }


def path(home: Path, name: str = "shop") -> Path:
    """Return where a project's database lies; the project is in the registry then."""
    registry(home, project(home, name))
    return home / name / ".crush" / "crush.db"


def session(tables: sqlite3.Connection, name: str = "c1", parent: str | None = None) -> None:
    """Add a session with a prompt in it."""
    insert(
        tables,
        "sessions",
        id=name,
        parent_session_id=parent,
        title="Untitled Session",
        created_at=AT_S,
        updated_at=AT_S,
    )
    message(tables, f"{name}-0", name, role="user", parts=CANARY)


def message(tables: sqlite3.Connection, name: str, of: str = "c1", **fields: object) -> None:
    """Add a message: usually a finished answer."""
    usual = {
        "role": "assistant",
        "parts": "[]",
        "model": "claude-sonnet-4-6",
        "provider": "anthropic",
        "created_at": AT_S,
        "updated_at": AT_S,
        "finished_at": AT_S,
    }
    insert(tables, "messages", id=name, session_id=of, **(usual | fields))


def used(
    tables: sqlite3.Connection,
    tokens: tuple[int, int],
    cost: float,
    name: str = "c1",
    at_s: int = AT_S,
    **fields: object,
) -> None:
    """Write the tokens of a session's last request, and its cost so far."""
    prompt, completion = tokens
    update(
        tables,
        "sessions",
        name,
        prompt_tokens=prompt,
        completion_tokens=completion,
        cost=cost,
        updated_at=at_s,
        **fields,
    )


def spend(tables: sqlite3.Connection, turn: int, name: str) -> None:
    """Add the request of a turn: the prompt grows, the answers are alike."""
    if turn == 1:
        session(tables, name)
    message(tables, f"{name}-{turn}", name)
    used(tables, (1000 + turn, 20), 0.01 * turn, name, at_s=AT_S + turn)


TOOL = Tool("crush", path, SCHEMA, spend, Spent(1, 1001, 0, 0, 0, 20, 0))
