"""Writes wire logs as Kimi CLI and Kimi Code do: real in shape, made-up content."""

from __future__ import annotations

import json
from hashlib import md5
from pathlib import Path

from tests.sources.road import CANARY, Fields, spelt, write

AT = 1_785_578_400.5
AT_MS = 1_785_578_400_500
PROJECT = "/home/ana/shop"
HASH = md5(PROJECT.encode(), usedforsecurity=False).hexdigest()
SESSION = "0a6b3c1e-51f8-4f4e-9d64-1b7d1a7a5c11"
CODE_SESSION = "session_5d1f0c7e-0b3a-4b73-8f6e-2f6f9f0d1a22"

Counts = tuple[int, int, int, int]
"""Uncached input, cache reads, cache writes, output."""

CALL: Counts = (100, 25_000, 10, 140)


def cli_log(home: Path, *lines: bytes, session: str = SESSION, agent: str = "") -> Path:
    """Write a wire log of Kimi CLI."""
    folder = home / ".kimi" / "sessions" / HASH / session
    if agent:
        folder = folder / "subagents" / agent
    return write(folder / "wire.jsonl", *lines)


def known_folders(home: Path, **config: object) -> None:
    """Write what Kimi CLI keeps beside its sessions."""
    known = {"work_dirs": [{"path": "/elsewhere"}, {"path": PROJECT}, {}, 7]}
    write(home / ".kimi" / "kimi.json", json.dumps(known).encode())
    if config:
        write(home / ".kimi" / "config.json", json.dumps(config).encode())


def message(kind: str, at: object = AT, **payload: object) -> bytes:
    """Return one message of the wire."""
    return spelt({"timestamp": at, "message": {"type": kind, "payload": payload}})


def header() -> bytes:
    """Return the first line of a newer wire log."""
    return spelt({"type": "metadata", "protocol_version": "1.5"})


def prompt(text: object = CANARY) -> bytes:
    """Return what the user asked."""
    return message("TurnBegin", user_input=text)


def spelt_usage(counts: Counts) -> Fields:
    """Return counts in the spelling of Kimi CLI."""
    names = ("input_other", "input_cache_read", "input_cache_creation", "output")
    return dict(zip(names, counts, strict=True))


def status(
    name: str | None = "m1", counts: Counts = CALL, at: object = AT, **payload: object
) -> bytes:
    """Return the status after a step, which tells its usage."""
    told = {"context_usage": 0.1, "token_usage": spelt_usage(counts), "message_id": name} | payload
    return message("StatusUpdate", at, **told)


def mirrored(name: str = "m1", counts: Counts = CALL) -> bytes:
    """Return what a parent's wire log repeats of its sub-agent's."""
    inner = {"type": "StatusUpdate", "payload": {"message_id": name}}
    inner["payload"] = {"message_id": name, "token_usage": spelt_usage(counts)}
    return message("SubagentEvent", agent_id="a1", subagent_type="coder", event=inner)


def code_log(
    home: Path, *lines: bytes, session: str = CODE_SESSION, agent: str = "main", **state: object
) -> Path:
    """Write a wire log of Kimi Code, and the session's state where there is any."""
    folder = home / ".kimi-code" / "sessions" / "wd_shop_057f5c09ee3f" / session
    if state:
        write(folder / "state.json", json.dumps(state).encode())
    return write(folder / "agents" / agent / "wire.jsonl", *lines)


def code_line(kind: str, at: object = AT_MS, /, **fields: object) -> bytes:
    """Return one record of Kimi Code."""
    return spelt({"type": kind, **fields} | ({} if at is None else {"time": at}))


def created(at: int = AT_MS - 5_000) -> bytes:
    """Return the first line of a wire log of Kimi Code."""
    return code_line("metadata", None, protocol_version="1.5", created_at=at)


def configured(**fields: object) -> bytes:
    """Return a change of an agent's configuration."""
    return code_line("config.update", **({"cwd": PROJECT, "systemPrompt": CANARY} | fields))


def request(model: str = "kimi-k2.6", **fields: object) -> bytes:
    """Return what is written before a request is sent."""
    told = {"kind": "loop", "provider": "kimi", "model": model, "messageCount": 3}
    return code_line("llm.request", **(told | fields))


def code_usage(counts: Counts) -> Fields:
    """Return counts in the spelling of Kimi Code."""
    names = ("inputOther", "inputCacheRead", "inputCacheCreation", "output")
    return dict(zip(names, counts, strict=True))


def used(counts: Counts = CALL, at: object = AT_MS, **fields: object) -> bytes:
    """Return the usage of a request."""
    told = {"model": "kimi-code/k2", "usage": code_usage(counts), "usageScope": "turn"}
    return code_line("usage.record", at, **(told | fields))


def ended(counts: Counts | None = CALL, at: object = AT_MS, **fields: object) -> bytes:
    """Return the end of a step, which may repeat its usage."""
    told = {} if counts is None else {"usage": code_usage(counts)}
    event = {"type": "step.end", "uuid": "u1", "turnId": "0", "step": 1} | told | fields
    return code_line("context.append_loop_event", at, event=event)


def asked(text: str = CANARY) -> bytes:
    """Return what the user asked Kimi Code."""
    return code_line("turn.prompt", input=[{"type": "text", "text": text}], origin={"kind": "user"})
