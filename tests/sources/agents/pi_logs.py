"""Writes sessions as pi, its forks and OpenClaw do: real in shape, made-up content."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.sources.road import CANARY, Fields, spelt, write

AT = "2026-08-01T10:00:06.000Z"
AT_MS = 1_785_578_406_000
BEGUN_MS = AT_MS - 4_000
PROJECT = "/home/ana/shop"
SESSION = "019f2a6b-0c1d-7000-8a51-4f4e9d647d1a"
OTHER = "019f2a6b-ffff-7000-8a51-4f4e9d647d1a"
BEGIN = "2026-08-01T10:00:00.000Z"
COST = 0.0086


def name_of(session: str) -> str:
    """Return the name of a session's file."""
    return f"2026-08-01T10-00-00-000Z_{session}.jsonl"


def pi_folder(home: Path) -> Path:
    """Return pi's folder of sessions."""
    return home / ".pi" / "agent" / "sessions"


def pi_log(home: Path, *lines: bytes, session: str = SESSION) -> Path:
    """Write a session of pi."""
    return write(pi_folder(home) / "--home-ana-shop--" / name_of(session), *lines)


def header(session: str = SESSION, **more: object) -> bytes:
    """Return the first line of a session."""
    told = {"type": "session", "version": 3, "id": session, "timestamp": BEGIN, "cwd": PROJECT}
    return spelt(told | more)


def entry(of: str, identity: str = "a1b2c3d4", at: object = AT, **more: object) -> Fields:
    """Return an entry of a session's tree, of some type."""
    return {"type": of, "id": identity, "parentId": None, "timestamp": at, **more}


def usage(
    fresh: int = 12, read: int = 15_000, written: int = 300, output: int = 200, **more: object
) -> Fields:
    """Return usage as pi writes it."""
    counts = {"input": fresh, "output": output, "cacheRead": read, "cacheWrite": written}
    cost = {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0, "total": COST}
    return {**counts, "totalTokens": sum(counts.values()), "cost": cost, **more}


def answer(
    response: str | None = "msg_01ABCDEFGHJKLMNPQRSTUVWX",
    counts: Fields | None = None,
    identity: str = "a1b2c3d4",
    at: object = AT,
    begun: object = BEGUN_MS,
    **more: object,
) -> Fields:
    """Return an answer's entry; `more` goes into its message."""
    message: Fields = {
        "role": "assistant",
        "content": [{"type": "text", "text": CANARY}],
        "api": "anthropic-messages",
        "provider": "anthropic",
        "model": "claude-sonnet-4-6",
        "usage": usage() if counts is None else counts,
        "stopReason": "stop",
        "timestamp": begun,
    }
    if response is not None:
        message["responseId"] = response
    return entry("message", identity, at, message=message | more)


def prompt(text: str = CANARY) -> bytes:
    """Return what the user asked."""
    blocks = [{"type": "text", "text": text}]
    return spelt(entry("message", "p0", message={"role": "user", "content": blocks}))


def openclaw_log(home: Path, *lines: bytes, name: str = f"{SESSION}.jsonl") -> Path:
    """Write a transcript of OpenClaw."""
    return write(home / ".openclaw" / "agents" / "main" / "sessions" / name, *lines)


def openclaw_database(home: Path, *, wal: bool = True) -> sqlite3.Connection:
    """Open a new database as OpenClaw keeps one for each agent."""
    folder = home / ".openclaw" / "agents" / "main" / "agent"
    folder.mkdir(parents=True)
    tables = sqlite3.connect(folder / "openclaw-agent.sqlite", isolation_level=None)
    tables.execute(f"PRAGMA journal_mode = {'wal' if wal else 'delete'}")
    tables.execute(
        "CREATE TABLE transcript_events (session_id TEXT NOT NULL, seq INTEGER NOT NULL,"
        " event_json TEXT NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (session_id, seq))"
        " STRICT"
    )
    return tables


def append(tables: sqlite3.Connection, *entries: bytes, session: str = SESSION) -> None:
    """Append entries to a session in a database."""
    last = "SELECT coalesce(max(seq), -1) FROM transcript_events WHERE session_id = ?"
    for text in entries:
        seq = tables.execute(last, (session,)).fetchone()[0] + 1
        tables.execute(
            "INSERT INTO transcript_events VALUES (?, ?, ?, ?)",
            (session, seq, text.decode(), AT_MS),
        )
