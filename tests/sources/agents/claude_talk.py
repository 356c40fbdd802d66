"""Lines of a conversation as Claude Code writes them: what the detail pass reads."""

from __future__ import annotations

import json

from tests.sources.claude_lines import AT, answer, line, prompt

Piece = dict[str, object]


def said(*pieces: Piece, name: str = "msg_1", **told: object) -> bytes:
    """Return a line of a response with these pieces of content."""
    record = json.loads(answer(name, **told))  # type: ignore[arg-type]  # each its own type
    record["message"]["content"] = list(pieces)
    return line(record)


def text(words: str = "done") -> Piece:
    return {"type": "text", "text": words}


def thinking(words: str = "", signature: str = "c2ln") -> Piece:
    return {"type": "thinking", "thinking": words, "signature": signature}


def call(name: str = "Bash", identity: str = "toolu_1", **arguments: object) -> Piece:
    return {"type": "tool_use", "id": identity, "name": name, "input": arguments}


def asked(content: object, **more: object) -> bytes:
    """Return a user's line of any content."""
    return line(json.loads(prompt("")), message={"role": "user", "content": content}, **more)


def result(content: object = "ok", identity: str = "toolu_1", **told: object) -> bytes:
    """Return a user's line with what a tool answered."""
    piece = {"type": "tool_result", "tool_use_id": identity, "content": content}
    error, more = told.pop("is_error", None), told
    if error is not None:
        piece["is_error"] = error
    return asked([piece], uuid=f"u-{identity}", **more)


def compacted(**told: object) -> bytes:
    """Return a compaction's record."""
    record = {"type": "system", "subtype": "compact_boundary", "timestamp": AT, "uuid": "b"}
    return line(record | {"compactMetadata": told})


def request(identity: str, at: str = AT, source: str = "sdk", **more: object) -> bytes:
    """Return the record of a request that starts."""
    record = {"type": "api-request", "id": identity, "timestamp": at, "querySource": source}
    return line(record | {"params": {"model": "claude-opus-4-8"}}, **more)


def shape(system: str, *tools: str) -> bytes:
    """Return the record of the system prompt and the tools of requests."""
    told = {
        "system": [{"type": "text", "text": system}],
        "tools": [{"name": name, "description": "d" * 100} for name in tools],
    }
    return line({"type": "api-request-shape", "timestamp": AT, "shape": told})
