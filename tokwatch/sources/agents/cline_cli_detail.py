"""Reads what the requests of a session of Cline since 4.1 are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from tokwatch.model.detail import Detail
from tokwatch.sources.agents.cline_cli_records import (
    answer_key,
    behind_task,
    manifest_of,
    scope_of,
)
from tokwatch.sources.agents.documents import document_at, document_of, objects_in
from tokwatch.sources.answering import Response, answer_of
from tokwatch.sources.beside import fields, part
from tokwatch.sources.conversation import At, Conversation, Memory
from tokwatch.sources.counts import count, instant_ms
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.pieces import take_asked, take_said

_COUNTS: Final = ("inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens")


def read_detail(source: str, log: LogFile) -> Detail:
    """Read a session's conversation whole."""
    document = document_of(log.document())
    listed = _messages_in(document)
    scope = scope_of(source, log.path, manifest_of(log.path))
    talk = Conversation(Memory())
    responses: dict[int, Response] = {}
    taken_over = behind_task(listed)
    for place, (index, message) in enumerate(objects_in(listed)):
        memory = talk.memory
        memory.last_ms = max(memory.last_ms, instant_ms(message.get("ts")) or 0)
        at = At(memory.last_ms, scope.agent, index)
        if message.get("role") == "assistant":
            counts = part(message, "metrics")
            is_told = place >= taken_over and any(count(counts.get(name)) for name in _COUNTS)
            key = answer_key(scope, index, message) if is_told else 0
            answer = answer_of(talk, responses, at._replace(request=key))
            take_said(answer, message.get("content"))
            answer.size(0, count(counts.get("outputTokens")))
            answer.end()
        else:
            take_asked(talk, at, message.get("content"))
    return talk.detail(b"")


def record_at(path: Path, offset: int) -> object:
    """Return the message that an offset names; None where there is none."""
    return dict(objects_in(_messages_in(document_at(path)))).get(offset)


def _messages_in(document: object) -> list[Any]:
    listed = document if isinstance(document, list) else fields(document).get("messages")
    return listed if isinstance(listed, list) else []
