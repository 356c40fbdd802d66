"""Reads what the requests of a Gemini CLI chat are made of; docs/detail.md has the rules.

A message is written again whenever it changes: what an earlier record told of it counts once.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from tokwatch.model.detail import Compaction, Delegation, Detail, Part
from tokwatch.sources.agents.documents import document_at, document_of, objects_in
from tokwatch.sources.agents.gemini_records import message_key, place_of
from tokwatch.sources.answering import Answer, Response, answer_of
from tokwatch.sources.beside import fields, part, plain
from tokwatch.sources.conversation import At, Conversation, Memory, hash_of, keep, raw
from tokwatch.sources.counts import count, instant_ms
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.pieces import images_of, take_asked, texts_of
from tokwatch.sources.records import Records
from tokwatch.sources.text import name_in, safe_name
from tokwatch.sources.troubles import INTERRUPTED, status_in, trouble_of

_REMEMBERED: Final = 20_000
"""Messages that are known when they are written again."""
_COMPRESSED: Final = re.compile(r"compressed from (\d+) to (\d+) tokens")
_SNAPSHOT: Final = "<state_snapshot>"
_CANCELLED: Final = re.compile(r"request cancel", re.IGNORECASE)


class _State(Struct, array_like=True):
    """What the next read of the same chat needs to know."""

    memory: Memory
    session: str = ""
    responses: dict[int, Response] = {}
    messages: dict[int, int] = {}
    """Number of the first block of each message, by its id."""


_decode_state = msgspec.msgpack.Decoder(_State).decode


def read_detail(log: LogFile, state: bytes) -> Detail:
    """Read the detail of the lines behind the last read, or of a whole document."""
    kept = _decode_state(state) if state else _State(Memory())
    return _Chat(log, kept).read()


class _Chat:
    """One read of one chat."""

    def __init__(self, log: LogFile, state: _State) -> None:
        self._log = log
        self._state = state
        self._talk = Conversation(state.memory)
        self._parent = place_of(log.path).parent

    def read(self) -> Detail:
        """Read all complete lines, or the document."""
        if self._log.path.suffix == ".json":
            found = fields(document_of(self._log.document()))
            self._take_header(found)
            for place, message in objects_in(found.get("messages")):
                self._take_message(place, message)
        else:
            for offset, record in Records(self._log.lines):
                self._take(offset, record)
        return self._talk.detail(msgspec.msgpack.encode(self._state))

    def _take(self, offset: int, record: dict[str, Any]) -> None:
        patch = record.get("$set")
        if isinstance(patch, dict):
            self._take_header(patch)
            self._take_checkpoint(offset, [one for _, one in objects_in(patch.get("messages"))])
        elif "type" in record:
            self._take_message(offset, record)
        else:
            self._take_header(record)
            for _, message in objects_in(record.get("messages")):
                self._take_message(offset, message)

    def _take_header(self, header: dict[str, Any]) -> None:
        self._state.session = self._state.session or name_in(header.get("sessionId"))

    def _take_checkpoint(self, offset: int, messages: list[dict[str, Any]]) -> None:
        """Take a history that is written again; one that begins anew was compressed."""
        known = self._state.messages
        first = next((m for m in messages if hash_of(plain(m.get("id"))) not in known), None)
        if known and first is not None and first is messages[0] and _is_summary(first):
            kept = (known.get(hash_of(plain(one.get("id")))) for one in messages[1:])
            self._compact(offset, self._at(offset, first), next(filter(None, kept), None))
        for message in messages:
            self._take_message(offset, message)

    def _take_message(self, offset: int, message: dict[str, Any]) -> None:
        """Take a message: an answer, or, unless it was told, anything else."""
        identity, known = hash_of(plain(message.get("id"))), self._state.messages
        at = self._at(offset, message)
        is_new = identity not in known
        before = self._state.memory.blocks
        if message.get("type") == "gemini":
            self._take_answer(at, message)
        elif is_new:
            self._take_other(at, message)
        if identity and is_new:
            keep(known, identity, before, _REMEMBERED)

    def _take_other(self, at: At, message: dict[str, Any]) -> None:
        kind, content = message.get("type"), message.get("content")
        text = "".join(texts_of(content))
        if kind == "user":
            summary = Part.SUMMARY if _is_summary(message) else None
            take_asked(self._talk, at, content, sort=summary)
        elif kind == "error":
            trouble = trouble_of(status_in(text), text)
            self._talk.failed(at, INTERRUPTED if _CANCELLED.search(text) else trouble)
        elif kind == "info" and _CANCELLED.search(text):
            self._talk.failed(at, INTERRUPTED)
        elif told := _COMPRESSED.search(text):
            self._compact(at.offset, at, None, int(told[1]), int(told[2]))

    def _take_answer(self, at: At, message: dict[str, Any]) -> None:
        tokens = part(message, "tokens")
        name = message_key(self._own(), at.offset, plain(message.get("id")))
        at = at._replace(request=name if tokens else 0)
        answer = answer_of(self._talk, self._state.responses, at, name)
        for _, thought in objects_in(message.get("thoughts")):
            words = (plain(thought.get("subject")), plain(thought.get("description")))
            answer.thought("\n".join(filter(None, words)))
        answer.text("".join(texts_of(message.get("content"))))
        calls = [call for _, call in objects_in(message.get("toolCalls"))]
        for call in calls:
            answer.call(plain(call.get("name")), call.get("args"), plain(call.get("id")))
        answer.size(count(tokens.get("thoughts")), 0)
        for call in calls:
            self._take_result(answer, call)
        answer.end()

    def _take_result(self, answer: Answer, call: dict[str, Any]) -> None:
        """Take what a call came back with, once that is told."""
        identity, agent = plain(call.get("id")), name_in(call.get("agentId"))
        results = [part(one, "functionResponse") for _, one in objects_in(call.get("result"))]
        told = [result.get("response") for result in results if result]
        tokens = 0
        if call.get("result") is not None and answer.is_new("result", raw(identity)):
            at = answer.at._replace(request=0)
            moment = instant_ms(call.get("timestamp")) or at.instant_ms
            block = self._talk.result(
                at._replace(instant_ms=max(moment, at.instant_ms)),
                *(list(texts_of(told)), list(images_of(call.get("result"))), identity),
                is_error=call.get("status") in ("error", "cancelled"),
            )
            tokens = block.tokens if block else 0
        if agent and not self._parent and answer.is_new("agent", raw(f"{agent} {tokens}")):
            kind = plain(part(call, "args").get("agent_name")) or plain(call.get("name"))
            head = (answer.at.instant_ms, answer.at.agent, agent, safe_name(kind), tokens)
            self._talk.delegation(Delegation(*head, answer.at.offset, hash_of(identity)))

    def _compact(
        self,
        offset: int,
        at: At,
        keeps_from: int | None,
        before: int | None = None,
        after: int | None = None,
    ) -> None:
        told = Compaction(at.instant_ms, at.agent, before, after, "", offset, keeps_from)
        self._talk.compaction(told)

    def _own(self) -> str:
        return self._state.session or safe_name(self._log.path.stem)

    def _at(self, offset: int, message: dict[str, Any]) -> At:
        memory = self._state.memory
        moment = instant_ms(message.get("timestamp")) or memory.last_ms
        memory.last_ms = max(memory.last_ms, moment)
        return At(moment, self._own() if self._parent else "", offset)


def _is_summary(message: dict[str, Any]) -> bool:
    """Tell the message that stands in the place of a compressed history."""
    told = "".join(texts_of(message.get("content")))
    return message.get("type") == "user" and _SNAPSHOT in told[:200]


def record_at(path: Path, offset: int) -> object:
    """Return the message of a document that an offset names; None where there is none."""
    return dict(objects_in(fields(document_at(path)).get("messages"))).get(offset)
