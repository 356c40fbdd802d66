"""Writes chats as Gemini CLI does, in both forms: real in shape, made-up content."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

from tests.sources.road import CANARY, Fields, spelt, write

AT = "2026-08-01T10:00:00.000Z"
LATER = "2026-08-01T10:05:00.000Z"
SESSION = "fdcb7edf-2640-4863-a99b-8f29c15ae701"
AGENT = "7937efcc-6c83-43ed-a872-7d267cbd1902"
PROJECT = "/home/ana/shop"
MODEL = "gemini-2.5-pro"


def named(number: int) -> str:
    """Return a message's id, as unique as the tool's own."""
    return str(UUID(int=number + (1 << 100)))


def chats(home: Path) -> Path:
    """Return the folder of a project's chats."""
    return home / ".gemini" / "tmp" / "shop" / "chats"


def chat(home: Path, *lines: bytes, name: str = "session-2026-08-01T10-00-fdcb7edf.jsonl") -> Path:
    """Write a session's chat, and which project its folder stands for."""
    write(chats(home).parent / ".project_root", PROJECT.encode())
    return write(chats(home) / name, *lines)


def agents_chat(home: Path, *lines: bytes, parent: str = SESSION, agent: str = AGENT) -> Path:
    """Write a sub-agent's chat."""
    return write(chats(home) / parent / f"{agent}.jsonl", *lines)


def document(home: Path, *messages: Fields, session: str = SESSION, **more: object) -> Path:
    """Write a chat of the older form."""
    found: Fields = {
        **{"sessionId": session, "projectHash": "0" * 64, "startTime": AT, "lastUpdated": AT},
        **{"messages": [*messages], **more},
    }
    content = json.dumps(found, indent=2).encode()
    return write(chats(home) / "session-2026-08-01T10-00-fdcb7edf.json", content)


def header(session: str = SESSION, at: str = AT, kind: str = "main", **more: object) -> bytes:
    """Return the first line of a chat, which a resume writes again."""
    times = {"startTime": at, "lastUpdated": at}
    return spelt({"sessionId": session, "projectHash": "e9" * 32, **times, "kind": kind, **more})


def patch(**fields: object) -> bytes:
    """Return a patch of the chat's own fields."""
    return spelt({"$set": fields})


def prompt(text: object = CANARY, at: str = AT, name: str = "u1") -> Fields:
    """Return what the user asked."""
    return {"id": name, "timestamp": at, "type": "user", "content": [{"text": text}]}


def tokens(
    whole: object = 12_000,
    output: object = 350,
    cached: object = 9_000,
    thoughts: object = 200,
    tool: object = 0,
) -> Fields:
    """Return a message's tokens."""
    parts = {"input": whole, "output": output, "cached": cached, "thoughts": thoughts, "tool": tool}
    total = sum(part for part in (whole, output, thoughts, tool) if isinstance(part, int))
    return {**parts, "total": total}


def message(
    number: int = 1, spent: object = None, at: object = AT, model: object = MODEL, **more: object
) -> Fields:
    """Return an answer."""
    told = tokens() if spent is None else spent
    head = {"id": named(number), "timestamp": at, "type": "gemini", "content": CANARY}
    return {**head, "thoughts": [], "tokens": told, "model": model, **more}


def answer(number: int = 1, spent: object = None, at: object = AT, **more: object) -> bytes:
    """Return an answer as one line."""
    return spelt(message(number, spent, at, **more))


def call(agent: str = AGENT, kind: str = "generalist") -> Fields:
    """Return a tool call that started an agent."""
    return {"id": "c1", "name": "invoke_agent", "args": {"agent_name": kind}, "agentId": agent}
