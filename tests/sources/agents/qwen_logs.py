"""Writes transcripts as Qwen Code does: real in shape, made-up content."""

from __future__ import annotations

import json
from pathlib import Path

from tests.sources.road import CANARY, Fields, spelt, write

AT = "2026-08-01T10:00:00.000Z"
LATER = "2026-08-01T10:05:00.000Z"
SESSION = "19438d19-6460-4da0-895d-8571274c7601"
AGENT = "general-purpose-call_1"
PROJECT = "/home/ana/shop"
MODEL = "qwen3-coder-plus"

Counts = tuple[int, int, int, int]
"""Prompt with its cached part, output with its reasoning, cached, reasoning."""

CALL: Counts = (8_000, 200, 6_000, 50)


def projects(home: Path) -> Path:
    """Return the folder of one project's transcripts."""
    return home / ".qwen" / "projects" / "-home-ana-shop"


def transcript(home: Path, *lines: bytes, session: str = SESSION) -> Path:
    """Write a session's transcript."""
    return write(projects(home) / "chats" / f"{session}.jsonl", *lines)


def agents_transcript(
    home: Path, *lines: bytes, session: str = SESSION, agent: str = AGENT, **meta: object
) -> Path:
    """Write an agent's transcript, and what is known of it beside."""
    folder = projects(home) / "subagents" / session
    if meta:
        write(folder / f"agent-{agent}.meta.json", json.dumps(meta).encode())
    return write(folder / f"agent-{agent}.jsonl", *lines)


def record(kind: str, name: str = "q1", at: object = AT, **more: object) -> Fields:
    """Return one record."""
    head = {"uuid": name, "parentUuid": None, "sessionId": SESSION, "timestamp": at, "type": kind}
    return {**head, "cwd": PROJECT, "version": "0.24.4", "gitBranch": "main", **more}


def prompt(text: object = CANARY, name: str = "u1") -> bytes:
    """Return what the user asked."""
    return spelt(record("user", name, message={"role": "user", "parts": [{"text": text}]}))


def apart(counts: Counts = CALL) -> Fields:
    """Return usage as Gemini's endpoint tells it: reasoning apart from the candidates."""
    prompt, output, cached, thoughts = counts
    return _usage(prompt, output - thoughts, thoughts, cached, prompt + output)


def inside(counts: Counts = CALL) -> Fields:
    """Return usage as other endpoints tell it: reasoning among the candidates."""
    prompt, output, cached, thoughts = counts
    return _usage(prompt, output, thoughts, cached, prompt + output)


def _usage(prompt: int, candidates: int, thoughts: int, cached: int, total: int) -> Fields:
    return {
        "promptTokenCount": prompt,
        "candidatesTokenCount": candidates,
        "thoughtsTokenCount": thoughts,
        "cachedContentTokenCount": cached,
        "totalTokenCount": total,
    }


def answer(
    name: str = "q1", usage: object = None, at: object = AT, model: object = MODEL, **more: object
) -> bytes:
    """Return an answer."""
    spoken = {"role": "model", "parts": [{"text": CANARY}]}
    told = inside() if usage is None else usage
    return spelt(
        record("assistant", name, at, model=model, message=spoken, usageMetadata=told, **more)
    )


def noted(usage: Fields | None = None, name: str = "n1", at: str = AT, **more: object) -> bytes:
    """Return what the tool notes of every call, before the answer or instead of it."""
    told = inside() if usage is None else usage
    event = {
        **{"event.name": "qwen-code.api_response", "event.timestamp": at, "model": MODEL},
        "input_token_count": told["promptTokenCount"],
        "output_token_count": told["candidatesTokenCount"],
        "cached_content_token_count": told["cachedContentTokenCount"],
        "thoughts_token_count": told["thoughtsTokenCount"],
        "total_token_count": told["totalTokenCount"],
        **{"duration_ms": 1_200, "ttft_ms": 300, "response_text": CANARY, **more},
    }
    return spelt(
        record("system", name, at, subtype="ui_telemetry", systemPayload={"uiEvent": event})
    )


def branched(line: bytes, session: str) -> bytes:
    """Return a record as a branch copies it into another session."""
    copy = json.loads(line)
    origin = {"sessionId": copy["sessionId"], "messageUuid": copy["uuid"]}
    return spelt({**copy, "sessionId": session, "forkedFrom": origin})
