"""Writes Copilot CLI's session store, events and traces: real in shape, made-up content."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from tests.sources.agents.databases import AT_S, Tool, insert, made, writing
from tests.sources.road import CANARY, Fields, Spent, spelt, write

AT_MS = AT_S * 1000
PROJECT = "/home/ana/shop"
SESSION = "7f0c1d52-9a51-4d56-8c1b-2f6d1f0a6e11"
MODEL = "claude-sonnet-4.6"
SCHEMA = """
CREATE TABLE schema_version (version INTEGER NOT NULL);
CREATE TABLE sessions (
    id TEXT PRIMARY KEY, cwd TEXT, repository TEXT, host_type TEXT, branch TEXT, summary TEXT,
    created_at TEXT, updated_at TEXT
);
CREATE TABLE turns (
    id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT, turn_index INTEGER, user_message TEXT,
    assistant_response TEXT, timestamp TEXT
);
CREATE TABLE assistant_usage_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT NOT NULL, turn_index INTEGER,
    agent_id TEXT, parent_tool_call_id TEXT, model TEXT NOT NULL, copilot_usage_model TEXT,
    input_tokens INTEGER, output_tokens INTEGER, cache_read_tokens INTEGER,
    cache_write_tokens INTEGER, reasoning_tokens INTEGER, total_nano_aiu INTEGER,
    request_multiplier REAL, duration_ms INTEGER, time_to_first_token_ms INTEGER,
    inter_token_latency_ms INTEGER, initiator TEXT, api_endpoint TEXT, reasoning_effort TEXT,
    finish_reason TEXT, content_filter_triggered INTEGER, token_details_json TEXT,
    created_at TEXT DEFAULT (datetime('now'))
);
"""


class Used(NamedTuple):
    """What a request used, as logged: input includes the cache."""

    input: object = 100
    output: object = 20
    read: object = 60
    write: object = 10
    reasoning: object = 5


CALL = Used()
SPENT = Spent(1, 30, 10, 0, 60, 20, 5)


def times(count: int) -> Spent:
    """Return what so many usual requests amount to."""
    return Spent(*(part * count for part in SPENT))


def copilot(home: Path) -> Path:
    """Return the tool's own folder."""
    return home / ".copilot"


def store(home: Path) -> Path:
    """Return where the session store lies."""
    return copilot(home) / "session-store.db"


def stamp(second: float = 0) -> str:
    """Return an instant as events tell it."""
    moment = datetime.fromtimestamp(AT_S + second, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def several(requests: int) -> Used:
    """Return what so many usual requests used."""
    return Used(*(part * requests for part in (100, 20, 60, 10, 5)))


def request(
    tables: sqlite3.Connection, second: float = 0, used: Used = CALL, /, **fields: object
) -> None:
    """Add a request to the store, whose times are of whole seconds."""
    moment = datetime.fromtimestamp(AT_S + second, UTC)
    told = {
        "session_id": SESSION,
        "turn_index": 0,
        "model": MODEL,
        "input_tokens": used.input,
        "output_tokens": used.output,
        "cache_read_tokens": used.read,
        "cache_write_tokens": used.write,
        "reasoning_tokens": used.reasoning,
        "created_at": f"{moment:%Y-%m-%d %H:%M:%S}",
    }
    insert(tables, "assistant_usage_events", **(told | fields))


def known(tables: sqlite3.Connection, session: str = SESSION, **fields: object) -> None:
    """Add a session with a prompt to the store."""
    told = {"cwd": PROJECT, "branch": "main", "summary": "Fix the tax"}
    insert(tables, "sessions", id=session, **(told | fields))
    asked = {"turn_index": 0, "user_message": CANARY, "assistant_response": CANARY}
    insert(tables, "turns", session_id=session, **asked)


def stored(home: Path, *seconds: float, used: Used = CALL, **fields: object) -> Path:
    """Write requests into the store."""
    file = store(home) if store(home).exists() else made(store(home), SCHEMA)
    with writing(file) as tables:
        if not tables.execute("SELECT 1 FROM sessions").fetchone():
            known(tables)
        for second in seconds:
            request(tables, second, used, **fields)
    return file


def event(kind: str, second: float = 0, /, **data: object) -> bytes:
    """Return one event."""
    told = {"type": kind, "data": data, "id": f"e-{kind}-{second}", "timestamp": stamp(second)}
    return spelt(told | {"parentId": None})


def started(second: float = 0, **data: object) -> bytes:
    """Return the first event of a session."""
    context = {"cwd": PROJECT, "gitRoot": PROJECT, "branch": "main"}
    told = {"sessionId": SESSION, "producer": "copilot-agent", "selectedModel": MODEL}
    return event("session.start", second, **(told | {"context": context} | data))


def asked(second: float = 0) -> bytes:
    """Return what the user asked."""
    return event("user.message", second, content=CANARY, transformedContent=CANARY)


def said(second: float = 1, output: object = 20, **data: object) -> bytes:
    """Return a message with its output; None leaves that out, as newer versions do."""
    told: Fields = {"messageId": f"m{second}", "model": MODEL, "content": CANARY}
    if output is not None:
        told["outputTokens"] = output
    return event("assistant.message", second, **(told | data))


def metric(used: Used = CALL, requests: int = 1, units: int = 0) -> Fields:
    """Return a model's totals."""
    names = (
        *("inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens", "reasoningTokens"),
    )
    return {
        "requests": {"count": requests, "cost": 1},
        "usage": dict(zip(names, used, strict=True)),
        "totalNanoAiu": units,
    }


def ended(second: float = 9, /, **metrics: object) -> bytes:
    """Return the end of a session with its totals; names of models may hold `_` for `.`."""
    told = {name.replace("__", "-").replace("_", "."): value for name, value in metrics.items()}
    return event("session.shutdown", second, shutdownType="routine", modelMetrics=told)


def totals(second: float, requests: int, model: str = MODEL, units: int = 0) -> bytes:
    """Return the end of a session after so many usual requests."""
    told = {model: metric(several(requests), requests, units)}
    return event("session.shutdown", second, modelMetrics=told)


def compacted(second: float, *, success: object = True) -> bytes:
    """Return the end of a compaction."""
    return event("session.compaction_complete", second, success=success, summary=CANARY)


def events(home: Path, *lines: bytes, session: str = SESSION) -> Path:
    """Write a session's events."""
    return write(copilot(home) / "session-state" / session / "events.jsonl", *lines)


def span(
    name: str = "a1", second: float = 0, used: Used = CALL, /, kind: str = "chat", **fields: object
) -> bytes:
    """Return a span of a trace."""
    told = {
        "gen_ai.operation.name": kind,
        "gen_ai.request.model": MODEL,
        "gen_ai.response.model": MODEL,
        "gen_ai.conversation.id": SESSION,
        "gen_ai.usage.input_tokens": used.input,
        "gen_ai.usage.output_tokens": used.output,
        "gen_ai.usage.cache_read.input_tokens": used.read,
        "gen_ai.usage.cache_creation.input_tokens": used.write,
        "gen_ai.usage.reasoning.output_tokens": used.reasoning,
        "gen_ai.prompt": CANARY,
    }
    record = {
        "type": "span",
        "traceId": f"t-{SESSION[:4]}",
        "spanId": name,
        "name": f"{kind} {MODEL}",
        "startTime": [AT_S + int(second) - 3, 0],
        "endTime": [AT_S + int(second), 967_317_833],
        "attributes": {key: value for key, value in told.items() if value is not None},
    }
    attributes = fields.pop("attributes", None)
    if isinstance(attributes, dict):
        record["attributes"] = attributes
    return spelt({key: value for key, value in (record | fields).items() if value is not None})


def noted(name: str, event_name: str, second: float = 0, used: Used = CALL, /) -> bytes:
    """Return a log record of a trace."""
    usage: Fields = {
        "gen_ai.usage.input_tokens": used.input,
        "gen_ai.usage.output_tokens": used.output,
    }
    return spelt(
        {
            "hrTime": [AT_S + int(second), 0],
            "spanContext": {"traceId": f"t-{SESSION[:4]}", "spanId": name},
            "attributes": {"event.name": event_name, "session.id": SESSION} | usage,
            "_body": event_name,
        }
    )


def traces(home: Path, *lines: bytes, name: str = "a.jsonl") -> Path:
    """Write a file of traces."""
    return write(copilot(home) / "otel" / name, *lines)


def spend(tables: sqlite3.Connection, turn: int, name: str) -> None:
    """Add the request of a turn."""
    if turn == 1:
        known(tables, name)
    request(tables, turn, session_id=name)


TOOL = Tool("copilot-cli", store, SCHEMA, spend, SPENT)
