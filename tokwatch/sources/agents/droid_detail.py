"""Reads what a Droid session's requests are made of, from the log beside its settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from tokwatch.model.detail import Compaction, Delegation, Detail, Part
from tokwatch.sources.agents.documents import document_at
from tokwatch.sources.agents.droid_session import ENDING, session_log
from tokwatch.sources.answering import Answer, Response
from tokwatch.sources.archive import MESSAGE_ROW
from tokwatch.sources.beside import part, plain
from tokwatch.sources.beside_lines import record_beside, records_beside
from tokwatch.sources.conversation import At, Conversation, Memory, hash_of
from tokwatch.sources.counts import instant_ms
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.pieces import pieces_of, take_asked, take_said
from tokwatch.sources.text import name_in, safe_name

_DELEGATES: Final = "Task"


class _Running(Struct):
    """A delegation that has not come back."""

    at: At
    kind: str


def read_detail(log: LogFile) -> Detail:
    """Read a session's conversation whole."""
    talk = Conversation(Memory(), safe_name(log.path.name.removesuffix(ENDING)))
    running: dict[int, _Running] = {}
    for offset, record in records_beside(session_log(log.path)):
        memory = talk.memory
        memory.last_ms = max(memory.last_ms, instant_ms(record.get("timestamp")) or 0)
        at = At(memory.last_ms, "", offset)
        if record.get("type") == "message":
            _take(talk, at, part(record, "message"), running)
        elif record.get("type") == "compaction_state":
            talk.compaction(Compaction(at.instant_ms, "", None, None, "", at.offset))
            if text := plain(record.get("summaryText")):
                talk.text(at, Part.SUMMARY, text)
    return talk.detail(b"")


def record_at(path: Path, offset: int) -> object:
    """Return the record that an offset names: a line of the log, or the settings."""
    if offset >= MESSAGE_ROW:
        return record_beside(session_log(path), offset)
    return document_at(path)


def _take(
    talk: Conversation, at: At, message: dict[str, Any], running: dict[int, _Running]
) -> None:
    """Take one message that the model sees."""
    content = message.get("content")
    if message.get("visibility") == "user_only":
        return
    if message.get("role") == "assistant":
        talk.turns.answered(at)
        answer = Answer(talk, at, Response())
        for block in take_said(answer, content):
            if block.tool == _DELEGATES and block.call:
                running[block.call] = _Running(at, "")
        for piece in pieces_of(content):
            _name(talk, piece, running)
        answer.end()
    else:
        before = talk.memory.blocks
        take_asked(talk, at, content)
        for block in talk.since(before):
            if one := running.pop(block.call, None):
                head = (one.at.instant_ms, "", "", one.kind, block.tokens, one.at.offset)
                talk.delegation(Delegation(*head, block.call))


def _name(talk: Conversation, piece: dict[str, Any], running: dict[int, _Running]) -> None:
    """Tell a delegation as it begins, and of what sort it is."""
    call = hash_of(plain(piece.get("id")))
    if one := running.get(call):
        one.kind = name_in(part(piece, "input").get("subagent_type"))
        talk.delegation(Delegation(one.at.instant_ms, "", "", one.kind, 0, one.at.offset, call))
