"""Reads what the requests of an Amp thread are made of; docs/detail.md has the rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tokwatch.model.detail import Compaction, Detail, Part
from tokwatch.sources.agents.amp_records import message_name, request_keys
from tokwatch.sources.agents.documents import document_at, document_of, objects_in
from tokwatch.sources.answering import Response, answer_of
from tokwatch.sources.archive import MESSAGE_ROW, message_row
from tokwatch.sources.beside import fields, part, plain
from tokwatch.sources.conversation import At, Conversation, Memory
from tokwatch.sources.counts import count, instant_ms
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.pieces import images_of, pieces_of, take_asked, take_said, texts_of
from tokwatch.sources.text import name_in, safe_name
from tokwatch.sources.troubles import INTERRUPTED, OTHER

_GOES_ON = ("tool_use", "max_tokens")


def read_detail(source: str, log: LogFile) -> Detail:
    """Read a thread whole."""
    thread = fields(document_of(log.document()))
    session = name_in(thread.get("id")) or safe_name(log.path.stem)
    talk = Conversation(Memory(last_ms=instant_ms(thread.get("created")) or 0))
    taker = _Thread(talk, request_keys(source, session, thread))
    for index, message in objects_in(thread.get("messages")):
        taker.take(index, message)
    return talk.detail(b"")


def record_at(path: Path, offset: int) -> object:
    """Return what an offset names: a message, or an event of the ledger; None where none is."""
    thread, index = fields(document_at(path)), message_row(offset)
    messages = dict(objects_in(thread.get("messages")))
    if index is not None:
        return messages.get(index)
    events = dict(objects_in(part(thread, "usageLedger").get("events")))
    found = {"ledger": events.get(offset), "message": messages.get(offset)}
    return {name: value for name, value in found.items() if value} or None


class _Thread:
    """Takes the messages of one thread."""

    def __init__(self, talk: Conversation, keys: dict[str, int]) -> None:
        self._talk = talk
        self._keys = keys
        self._responses: dict[int, Response] = {}

    def take(self, index: int, message: dict[str, Any]) -> None:
        """Take one message."""
        memory, usage = self._talk.memory, part(message, "usage")
        told = (
            usage.get("timestamp"),
            message.get("timestamp"),
            part(message, "meta").get("sentAt"),
        )
        moment = next((one for one in map(instant_ms, told) if one), memory.last_ms)
        memory.last_ms = max(memory.last_ms, moment)
        at = At(memory.last_ms, "", MESSAGE_ROW + index)
        match message.get("role"):
            case "assistant":
                self._take_answer(at, index, message)
            case "user":
                self._take_asked(at, message)
            case "info":
                self._take_summary(at, message)

    def _take_asked(self, at: At, message: dict[str, Any]) -> None:
        results = [one for one in pieces_of(message.get("content")) if "run" in one]
        for one in results:
            self._take_result(at, one)
        if not results:
            take_asked(self._talk, at, message.get("content"))
        for _, file in objects_in(part(message, "fileMentions").get("files")):
            if text := "".join(texts_of(file.get("content"))):
                self._talk.text(at, Part.ATTACHMENT, text)

    def _take_result(self, at: At, piece: dict[str, Any]) -> None:
        """Take what a tool answered: its run has the result, or why there is none."""
        run = part(piece, "run")
        told = run.get("result") if run.get("result") is not None else run.get("error")
        status = run.get("status")
        if told is None and status not in ("done", "error", "cancelled", "rejected-by-user"):
            return
        identity = plain(piece.get("toolUseID")) or plain(piece.get("tool_use_id"))
        texts, images = list(texts_of(told)), list(images_of(told))
        self._talk.result(at, texts, images, identity, is_error=status not in ("done", None))

    def _take_answer(self, at: At, index: int, message: dict[str, Any]) -> None:
        name, state = message_name(message, index), part(message, "state")
        at = at._replace(request=self._keys.get(name, 0))
        answer = answer_of(self._talk, self._responses, at)
        take_said(answer, message.get("content"))
        answer.size(0, count(part(message, "usage").get("outputTokens")))
        kind = state.get("type")
        trouble = {"cancelled": INTERRUPTED, "error": OTHER}.get(plain(kind), "")
        answer.end(trouble, goes_on=state.get("stopReason") in _GOES_ON)

    def _take_summary(self, at: At, message: dict[str, Any]) -> None:
        """Take a compaction: the summary stands in the place of all that came before it."""
        for piece in pieces_of(message.get("content")):
            if piece.get("type") == "summary":
                told = Compaction(at.instant_ms, at.agent, None, None, "", at.offset)
                self._talk.compaction(told)
                self._talk.text(at, Part.SUMMARY, "".join(texts_of(piece.get("summary"))))
