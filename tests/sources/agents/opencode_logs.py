"""Writes OpenCode's databases and its older files: real in shape, made-up content."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import NamedTuple

from tests.sources.agents.databases import AT_S, Tool, insert, made, writing
from tests.sources.road import CANARY, Fields, Spent, write

AT_MS = AT_S * 1000
PROJECT = "/home/ana/shop"
MODEL = "claude-sonnet-4-6"
SCHEMA = """
CREATE TABLE project (id text PRIMARY KEY, worktree text NOT NULL);
CREATE TABLE session (
    id text PRIMARY KEY, project_id text NOT NULL, parent_id text, slug text NOT NULL,
    directory text NOT NULL, title text NOT NULL, version text NOT NULL,
    time_created integer NOT NULL, time_updated integer NOT NULL
);
CREATE TABLE message (
    id text PRIMARY KEY, session_id text NOT NULL, time_created integer NOT NULL,
    time_updated integer NOT NULL, data text NOT NULL
);
CREATE TABLE part (
    id text PRIMARY KEY, message_id text NOT NULL, session_id text NOT NULL,
    time_created integer NOT NULL, time_updated integer NOT NULL, data text NOT NULL
);
CREATE INDEX message_session_idx ON message (session_id, time_created, id);
"""
SECOND_SCHEMA = """
CREATE TABLE session_v2 (
    id text PRIMARY KEY, project_id text NOT NULL, parent_id text, fork_session_id text,
    fork_boundary text, slug text NOT NULL, directory text NOT NULL, title text,
    version text NOT NULL, time_created integer NOT NULL, time_updated integer NOT NULL
);
CREATE TABLE session_message (
    id text PRIMARY KEY, session_id text NOT NULL, type text NOT NULL, seq integer NOT NULL,
    time_created integer NOT NULL, time_updated integer NOT NULL, data text NOT NULL
);
CREATE UNIQUE INDEX session_message_seq_idx ON session_message (session_id, seq);
"""


class Used(NamedTuple):
    """What an answer used, as logged."""

    input: object = 120
    output: object = 300
    reasoning: object = 0
    read: object = 20_000
    write: object = 900
    total: object = None


CALL = Used()


def tokens(used: Used = CALL) -> Fields:
    """Return counts in OpenCode's spelling."""
    told: Fields = {
        "input": used.input,
        "output": used.output,
        "reasoning": used.reasoning,
        "cache": {"read": used.read, "write": used.write},
    }
    return told if used.total is None else {"total": used.total} | told


def answer(used: Used = CALL, at: int = AT_MS, /, **fields: object) -> Fields:
    """Return an answer of version 1; a field of None is left out."""
    told: Fields = {
        "role": "assistant",
        "time": {"created": at, "completed": at + 6_000},
        "parentID": "msg_0",
        "modelID": MODEL,
        "providerID": "anthropic",
        "mode": "build",
        "agent": "build",
        "path": {"cwd": PROJECT, "root": "/home/ana"},
        "cost": 0.0142,
        "tokens": tokens(used),
        "finish": "stop",
    }
    return {name: value for name, value in (told | fields).items() if value is not None}


def prompt(at: int = AT_MS) -> Fields:
    """Return what the user asked, as version 1 keeps it."""
    return {"role": "user", "time": {"created": at}, "agent": "build", "summary": {"title": CANARY}}


def second(used: Used = CALL, at: int = AT_MS, /, **fields: object) -> Fields:
    """Return an answer of version 2."""
    told = answer(used, at, **fields)
    for name in ("role", "parentID", "modelID", "providerID", "mode", "path"):
        told.pop(name, None)
    content = [{"type": "text", "text": CANARY}]
    return {"model": {"id": MODEL, "providerID": "anthropic"}, "content": content} | told


def path(home: Path) -> Path:
    """Return where the usual database lies."""
    return home / ".local" / "share" / "opencode" / "opencode.db"


def session(
    tables: sqlite3.Connection,
    name: str = "ses_1",
    parent: str | None = None,
    at: int = AT_MS - 1_000,
    *,
    table: str = "session",
    **fields: object,
) -> None:
    """Add a session."""
    usual = {"project_id": "p", "slug": "x", "directory": PROJECT, "title": "Fix the tax"}
    times = {"version": "1.2.24", "time_created": at, "time_updated": at}
    insert(tables, table, id=name, parent_id=parent, **(usual | times | fields))


def message(tables: sqlite3.Connection, name: str, data: object, session_id: str = "ses_1") -> None:
    """Add a message of version 1, or write it again."""
    text = data if isinstance(data, str) else json.dumps(data)
    told = data.get("time", {}).get("created") if isinstance(data, dict) else None
    created = told if isinstance(told, int) else AT_MS
    tables.execute(
        "INSERT INTO message VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET data = excluded.data",
        (name, session_id, created, created + 6_000, text),
    )


def second_message(
    tables: sqlite3.Connection,
    name: str,
    data: Fields,
    session_id: str = "ses_1",
    kind: str = "assistant",
) -> None:
    """Add a message of version 2 behind the others of its session."""
    seq = tables.execute(
        "SELECT count(*) FROM session_message WHERE session_id = ?", (session_id,)
    ).fetchone()[0]
    created = data["time"]["created"]
    fields = {"type": kind, "seq": seq, "time_created": created, "time_updated": created + 6_000}
    insert(
        tables, "session_message", id=name, session_id=session_id, **fields, data=json.dumps(data)
    )


def database(home: Path, **messages: Fields) -> Path:
    """Write the usual database with one session, and return where it lies."""
    file = made(path(home), SCHEMA) if not path(home).exists() else path(home)
    with writing(file) as tables:
        if not tables.execute("SELECT 1 FROM session").fetchone():
            session(tables)
        for name, data in messages.items():
            message(tables, name, data)
    return file


def storage(home: Path) -> Path:
    """Return where the older files lie."""
    return home / ".local" / "share" / "opencode" / "storage"


def session_file(
    home: Path, name: str = "ses_1", at: int = AT_MS - 1_000, **fields: object
) -> Path:
    """Write a session's file."""
    told = {"id": name, "directory": PROJECT, "title": "Fix the tax", "time": {"created": at}}
    file = storage(home) / "session" / "p1" / f"{name}.json"
    return write(file, json.dumps(told | fields).encode())


def message_file(home: Path, name: str, data: Fields, session_id: str = "ses_1") -> Path:
    """Write a message's file."""
    told = data | {"id": name, "sessionID": session_id}
    file = storage(home) / "message" / session_id / f"{name}.json"
    return write(file, json.dumps(told).encode())


def spend(tables: sqlite3.Connection, turn: int, name: str) -> None:
    """Add the answer of a turn."""
    if turn == 1:
        session(tables, name)
        message(tables, f"asked-{name}", prompt(), name)
        words = json.dumps({"type": "text", "text": CANARY})
        insert(
            tables,
            "part",
            **{"id": f"part-{name}", "message_id": f"asked-{name}", "session_id": name},
            **{"time_created": AT_MS, "time_updated": AT_MS, "data": words},
        )
    message(tables, f"{name}-{turn}", answer(CALL, AT_MS + turn * 10_000), name)


def second_spend(tables: sqlite3.Connection, turn: int, name: str) -> None:
    """Add the answer of a turn in version 2."""
    if turn == 1:
        session(tables, name, table="session_v2")
        asked = {"text": CANARY, "time": {"created": AT_MS}}
        second_message(tables, f"asked-{name}", asked, name, "user")
    second_message(tables, f"{name}-{turn}", second(CALL, AT_MS + turn * 10_000), name)


SPENT = Spent(1, 120, 900, 0, 20_000, 300, 0)
TOOL = Tool("opencode", path, SCHEMA, spend, SPENT)
SECOND_TOOL = Tool("opencode", path, SECOND_SCHEMA, second_spend, SPENT)
