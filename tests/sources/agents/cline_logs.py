"""Writes tasks and sessions as Cline and its relatives do: real in shape, made-up content."""

from __future__ import annotations

import json
from pathlib import Path

from tests.sources.road import CANARY, Fields, write

AT_MS = 1_785_578_400_000
OLD_MS = 1_760_000_000_000
"""October 2025: before Roo Code and Kilo Code told the whole prompt."""
TASK = "1785578390000"
PROJECT = "/home/ana/shop"
EXTENSIONS = {
    "cline": "saoudrizwan.claude-dev",
    "roo-code": "rooveterinaryinc.roo-cline",
    "kilo-code": "kilocode.kilo-code",
}


def tasks(home: Path, source: str = "cline", editor: str = "Code") -> Path:
    """Return an editor's folder of tasks."""
    storage = home / ".config" / editor / "User" / "globalStorage"
    return storage / EXTENSIONS[source] / "tasks"


def task_log(
    home: Path, messages: object, source: str = "cline", task: str = TASK, editor: str = "Code"
) -> Path:
    """Write a task's messages."""
    path = tasks(home, source, editor) / task / "ui_messages.json"
    return write(path, json.dumps(messages).encode())


def say(kind: str, at: object = AT_MS, text: object = CANARY, **more: object) -> Fields:
    """Return a message of a task."""
    told = text if isinstance(text, str) else json.dumps(text)
    return {"ts": at, "type": "say", "say": kind, "text": told, **more}


def info(
    fresh: int = 100, output: int = 40, written: int = 1_000, read: int = 20_000, **more: object
) -> Fields:
    """Return what a request's message says in its text."""
    return {
        "request": CANARY,
        "tokensIn": fresh,
        "tokensOut": output,
        "cacheWrites": written,
        "cacheReads": read,
        "cost": 0.012,
        **more,
    }


def request(at: object = AT_MS, text: Fields | None = None, **more: object) -> Fields:
    """Return a request's message."""
    return say("api_req_started", at, info() if text is None else text, **more)


def answered_by(provider: str, model: str) -> Fields:
    """Return how Cline says who answered."""
    return {"modelInfo": {"providerId": provider, "modelId": model, "mode": "act"}}


def prompts(log: Path, *asked: tuple[int, str], folder: str = PROJECT) -> None:
    """Write the prompts beside a task, each with its time and the model it is for."""
    place = json.dumps(f"# Current Workspace Directory ({folder}) Files\na.py\n")[1:-1]
    found = []
    for at, model in asked:
        details = f"<slug>code</slug>\n<name>Code</name>\n<model>{model}</model>\n"
        blocks = [{"type": "text", "text": CANARY + json.loads(f'"{place}"') + details}]
        found.append({"role": "user", "content": blocks, "ts": at})
    write(log.parent / "api_conversation_history.json", json.dumps(found).encode())


def session_log(
    home: Path, *messages: Fields, session: str = "1785_ab", agent: str = "", **manifest: object
) -> Path:
    """Write a session of Cline's own, with its manifest."""
    folder = home / ".cline" / "data" / "sessions" / session
    told = {"session_id": session, "cwd": PROJECT, "model": "m0", "provider": "cline", **manifest}
    write(folder / f"{session}.json", json.dumps(told).encode())
    document = {"version": 1, "agent": "subagent" if agent else "lead", "messages": messages}
    return write(folder / f"{agent or session}.messages.json", json.dumps(document).encode())


def metrics(
    whole: int = 21_100, output: int = 40, read: int = 20_000, written: int = 1_000
) -> Fields:
    """Return what an answer cost: input is the whole prompt."""
    return {
        "inputTokens": whole,
        "outputTokens": output,
        "cacheReadTokens": read,
        "cacheWriteTokens": written,
        "cost": 0.012,
    }


def spoken(identity: str = "V1StGXR8_Z5jdHi6B-myT", at: object = AT_MS, **more: object) -> Fields:
    """Return an answer in a session."""
    return {
        "id": identity,
        "role": "assistant",
        "content": [{"type": "text", "text": CANARY}],
        "ts": at,
        "modelInfo": {"id": "claude-sonnet-4-6", "provider": "anthropic"},
        "metrics": metrics(),
        **more,
    }
