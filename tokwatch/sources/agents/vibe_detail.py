"""Reads what a Mistral Vibe session's requests are made of, from the messages beside its totals.

Messages have no times: all are told at the session's begin.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tokwatch.model.detail import Detail
from tokwatch.sources.agents.documents import document_at, document_of
from tokwatch.sources.agents.vibe_records import scope_of
from tokwatch.sources.archive import MESSAGE_ROW
from tokwatch.sources.beside import fields, part, plain
from tokwatch.sources.beside_lines import record_beside, records_beside
from tokwatch.sources.chat_messages import take_message
from tokwatch.sources.conversation import At, Conversation, Memory, raw
from tokwatch.sources.counts import instant_ms
from tokwatch.sources.log_file import LogFile

_MESSAGES: Final = "messages.jsonl"


def read_detail(log: LogFile) -> Detail:
    """Read a session's conversation whole."""
    meta = fields(document_of(log.document()))
    scope = scope_of(log.path, meta)
    talk = Conversation(Memory(), scope.session)
    talk.is_timed = False
    began = instant_ms(meta.get("start_time")) or log.path.stat().st_mtime_ns // 1_000_000
    talk.system(
        At(began, scope.agent, 0), "", raw(plain(part(meta, "system_prompt").get("content")))
    )
    for offset, message in records_beside(log.path.with_name(_MESSAGES)):
        take_message(talk, At(began, scope.agent, offset), message)
    return talk.detail(b"")


def record_at(path: Path, offset: int) -> object:
    """Return the record that an offset names: a message, or what is told of the session."""
    if offset >= MESSAGE_ROW:
        return record_beside(path.with_name(_MESSAGES), offset)
    return document_at(path)
