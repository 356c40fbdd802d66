"""Texts of logged sessions, read from their logs when asked for: a block, or a whole context."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final  # Any: records of many tools

from tokwatch.audit.raw import LogProblem, whole_record
from tokwatch.errors import TokwatchError
from tokwatch.pages.workbench_logged import LoggedPage
from tokwatch.sources.source import Source

_ROLES: Final = frozenset(("user", "assistant", "system", "developer", "tool"))
_TEXTS: Final = ("text", "content", "output", "result", "thinking", "stdout", "arguments")
"""Where records keep what was said."""
_DEPTH: Final = 12

Message = dict[str, Any]


def logged_text(found: LoggedPage) -> str:
    """Return a text that the store told where to find; raise where its log is gone."""
    from tokwatch.sources import source_named

    source = source_named(found.source)
    if found.chars is None:
        return context_text(found.path, found.offsets, source)
    return block_text(found.path, found.offsets[0], found.chars, source)


def context_text(path: str, offsets: Iterable[int], source: Source | None) -> str:
    """Return the messages of a conversation as chat JSON; raise where the log is gone."""
    messages: list[Message] = []
    last = ""
    for record in _records(path, offsets, source):
        for message, identity in _messages(record):
            if identity and identity == last and message["role"] == messages[-1]["role"]:
                messages[-1]["content"] += message["content"]
            else:
                messages.append(message)
            last = identity if isinstance(message["content"], list) else ""
    if not messages:
        raise TokwatchError("No message of this session can be read from its log.")
    return json.dumps({"messages": messages}, ensure_ascii=False, indent=1)


def block_text(path: str, offset: int, chars: int, source: Source | None) -> str:
    """Return the text of one block of a record: of several the one that is as long."""
    (record,) = _records(path, (offset,), source)
    texts = [text for text in _texts(record) if text.strip()]
    if not texts:
        raise TokwatchError("This record holds no text.")
    return min(texts, key=lambda text: (abs(len(text) - chars), -len(text)))


def _records(path: str, offsets: Iterable[int], source: Source | None) -> Iterator[object]:
    try:
        for offset in offsets:
            yield whole_record(path, offset, source)
    except LogProblem as problem:
        raise TokwatchError(str(problem)) from None


def _messages(record: object) -> Iterator[tuple[Message, str]]:
    """Yield a record's messages as a chat has them, each with the answer that it is a piece of."""
    if not isinstance(record, dict):
        return
    payload = record.get("payload")
    if record.get("type") == "response_item" and isinstance(payload, dict):
        yield from _item(payload)
        return
    for one in (record.get("message"), record):
        if isinstance(one, dict) and one.get("role") in _ROLES:
            content = one.get("content")
            if isinstance(content, str | list) and content:
                identity = one.get("id")
                message = {"role": one["role"], "content": content}
                if isinstance(content, list):
                    message["content"] = list(content)
                for name in ("tool_calls", "tool_call_id"):
                    if one.get(name):
                        message[name] = one[name]
                yield message, identity if isinstance(identity, str) else ""
            return


def _item(item: dict[str, Any]) -> Iterator[tuple[Message, str]]:
    """Yield an item of a Codex rollout as a message."""
    kind, call = item.get("type"), str(item.get("call_id") or "")
    if kind == "message" and item.get("role") in _ROLES and item.get("content"):
        yield {"role": item["role"], "content": item["content"]}, ""
    elif kind in ("function_call", "custom_tool_call"):
        told = item.get("arguments", item.get("input", ""))
        function = {"name": str(item.get("name", "")), "arguments": told}
        made = {"id": call, "type": "function", "function": function}
        yield {"role": "assistant", "content": "", "tool_calls": [made]}, ""
    elif kind in ("function_call_output", "custom_tool_call_output"):
        output = item.get("output")
        text = output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
        yield {"role": "tool", "tool_call_id": call, "content": text}, ""


def _texts(value: object, depth: int = 0) -> Iterator[str]:
    """Yield what was said in a record, wherever its tool keeps it."""
    if depth > _DEPTH:
        return
    if isinstance(value, dict):
        for name, one in value.items():
            if isinstance(one, str):
                if name in _TEXTS:
                    yield one
            else:
                yield from _texts(one, depth + 1)
    elif isinstance(value, list):
        joined = _joined(value)
        if joined:
            yield joined
        for one in value:
            if not isinstance(one, str):
                yield from _texts(one, depth + 1)


def _joined(blocks: Sequence[object]) -> str:
    """Return the texts of a list of text blocks as one."""
    told = [one.get("text") for one in blocks if isinstance(one, dict)]
    found = [text for text in told if isinstance(text, str)]
    return "\n".join(found) if len(found) > 1 else ""
