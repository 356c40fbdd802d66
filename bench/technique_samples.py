"""Texts to compress: results of tools, templates of prompts, and contexts of Claude Code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.json_lines import rows_of

LEAST_CHARS: Final = 1_200
"""Of a result of a tool: shorter ones are not worth the trouble."""
LEAST_MESSAGES: Final = 10
"""Of a context."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A text, and what of it was needed later or must stay."""

    text: str
    wanted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """Passages, and a question that one of them answers."""

    text: str
    question: str
    answers: tuple[str, ...]


def tool_results(folder: Path) -> list[Sample]:
    """Return results of tools as chats, each with the identifiers that the agent used later."""
    found = []
    for row in rows_of(folder / "agent_tools.jsonl.gz"):
        if len(row["text"]) >= LEAST_CHARS:
            call = {"type": "tool_use", "id": "c", "name": row["tool"], "input": row["input"]}
            result = {"type": "tool_result", "tool_use_id": "c", "content": row["text"]}
            chat = [
                {"role": "user", "content": "Go on."},
                {"role": "assistant", "content": [call]},
                {"role": "user", "content": [result]},
            ]
            wanted = tuple(row["used_later"])
            found.append(Sample(json.dumps({"messages": chat}, ensure_ascii=False), wanted))
    return found


def templates(folder: Path) -> list[Sample]:
    """Return prompts in many words, each with what must stay."""
    found = rows_of(folder / "templates.jsonl")
    return [Sample(row["text"], tuple(row["must_keep"])) for row in found]


def asked(folder: Path, name: str) -> list[Asked]:
    """Return passages with questions; NAME.jsonl.gz."""
    return [
        Asked(row["context"], row["question"], tuple(row["answers"]))
        for row in rows_of(folder / f"{name}.jsonl.gz")
    ]


def contexts(home: Path) -> list[Sample]:
    """Return the last context of each session of Claude Code in a home, as a chat."""
    files = sorted((home / ".claude" / "projects").glob("*/*.jsonl"))
    chats = [_chat(file) for file in files]
    return [
        Sample(json.dumps({"messages": chat}, ensure_ascii=False))
        for chat in chats
        if len(chat) >= LEAST_MESSAGES
    ]


def _chat(file: Path) -> list[dict[str, Any]]:
    """Return what was said since the last compaction."""
    chat: list[dict[str, Any]] = []
    for line in file.read_bytes().splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        message = record.get("message") if isinstance(record, dict) else None
        if not isinstance(message, dict) or record.get("isSidechain"):
            continue
        if record.get("isCompactSummary"):
            chat = []
        content = _sayable(message.get("content"))
        if content and message.get("role") in ("user", "assistant"):
            chat.append({"role": message["role"], "content": content})
    return chat


def _sayable(content: object) -> object:
    """Return a message's texts, calls and results; thinking and pictures are no text to shorten."""
    if not isinstance(content, list):
        return content
    kinds = ("text", "tool_use", "tool_result")
    return [block for block in content if isinstance(block, dict) and block.get("type") in kinds]
