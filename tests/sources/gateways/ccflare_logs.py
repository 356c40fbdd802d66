"""Writes better-ccflare's database: its tables as 3.5 makes them, made-up content."""

from __future__ import annotations

import json
import sqlite3
from base64 import b64encode
from pathlib import Path

from tests.sources.agents.databases import insert, made, writing
from tests.sources.road import CANARY, Fields

AT_MS = 1_785_578_400_567
ACCOUNT = "0f416e58-bba1-40ee-ad33-b99c6cb5779a"
SESSION = "5f0c2b6e-0000-4000-8000-000000000001"
SCHEMA = """
CREATE TABLE accounts (id TEXT PRIMARY KEY, name TEXT NOT NULL, api_key TEXT);
CREATE TABLE requests (
    id TEXT PRIMARY KEY, timestamp INTEGER NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
    account_used TEXT, status_code INTEGER, success BOOLEAN, error_message TEXT,
    response_time_ms INTEGER, failover_attempts INTEGER DEFAULT 0, model TEXT,
    prompt_tokens INTEGER DEFAULT 0, completion_tokens INTEGER DEFAULT 0,
    total_tokens INTEGER DEFAULT 0, cost_usd REAL DEFAULT 0, output_tokens_per_second REAL,
    input_tokens INTEGER DEFAULT 0, cache_read_input_tokens INTEGER DEFAULT 0,
    cache_creation_input_tokens INTEGER DEFAULT 0, output_tokens INTEGER DEFAULT 0,
    agent_used TEXT, project TEXT, billing_type TEXT DEFAULT 'api', api_key_id TEXT,
    api_key_name TEXT, combo_name TEXT
);
CREATE INDEX idx_requests_timestamp ON requests(timestamp DESC);
CREATE TABLE request_payloads (id TEXT PRIMARY KEY, json TEXT NOT NULL, timestamp INTEGER);
"""


def database(home: Path, journal: str = "delete") -> Path:
    """Return a new database without requests, where better-ccflare has it."""
    path = made(home / ".config" / "better-ccflare" / "better-ccflare.db", SCHEMA, journal)
    with writing(path, journal) as tables:
        insert(tables, "accounts", id=ACCOUNT, name="ana-max", api_key="sk-ant-" + CANARY)
    return path


def name_of(turn: int) -> str:
    """Return the id of a turn's row."""
    return f"41c81959-1b2a-4a92-88f5-{turn:012d}"


def response_of(turn: int) -> str:
    """Return the id of a turn's response."""
    return f"msg_01turn{turn:08d}"


def add_row(tables: sqlite3.Connection, turn: int = 1, **changes: object) -> None:
    """Add a request's row."""
    row: Fields = {
        **{"id": name_of(turn), "timestamp": AT_MS + turn * 10_000, "method": "POST"},
        **{"path": "/v1/messages", "account_used": ACCOUNT, "status_code": 200, "success": 1},
        **{"error_message": None, "response_time_ms": 156, "failover_attempts": 0},
        **{"model": "claude-sonnet-4-5", "prompt_tokens": 5_721, "completion_tokens": 42},
        **{"total_tokens": 5_763, "cost_usd": 0.015268, "input_tokens": 21},
        **{"cache_read_input_tokens": 5_000, "cache_creation_input_tokens": 700},
        **{"output_tokens": 42, "project": "shop", "api_key_name": "laptop"},
    }
    insert(tables, "requests", **{**row, **changes})


def add_payload(
    tables: sqlite3.Connection,
    turn: int = 1,
    body: bytes | None = None,
    spelling: object = None,
    session: str = "",
) -> None:
    """Add what was asked and answered, both as base64."""
    content = {
        "request": {
            "headers": {"user-agent": "claude-cli/2.1", "x-claude-code-session-id": session},
            "body": b64encode(CANARY.encode()).decode(),
        },
        "response": {
            "status": 200,
            "headers": {"request-id": "req_1"},
            "body": b64encode(stream_of(turn) if body is None else body).decode(),
        },
        "meta": {"success": True},
    }
    text = json.dumps(content) if spelling is None else spelling
    insert(tables, "request_payloads", id=name_of(turn), json=text, timestamp=AT_MS)


def stream_of(turn: int = 1, long: int = 200) -> bytes:
    """Return an answer as Anthropic streams it."""
    usage = {"cache_creation": {"ephemeral_1h_input_tokens": long}, "output_tokens": 1}
    start = {"type": "message_start", "message": {"id": response_of(turn), "usage": usage}}
    delta = {"type": "content_block_delta", "delta": {"text": CANARY * 60}}
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in (start, delta))


def document_of(turn: int = 1, long: int = 200) -> bytes:
    """Return an answer as Anthropic sends it whole: usage comes last."""
    usage = {"cache_creation": {"ephemeral_1h_input_tokens": long}}
    content = [{"type": "text", "text": '"id": "msg_no" ' + CANARY * 60}]
    return json.dumps({"id": response_of(turn), "content": content, "usage": usage}).encode()
