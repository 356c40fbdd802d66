"""Reads what the requests of a Qwen Code transcript are made of; docs/detail.md has the rules."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Struct

from tokwatch.model.detail import Compaction, Delegation, Detail, Part
from tokwatch.model.event import event_key
from tokwatch.sources.agents.documents import objects_in
from tokwatch.sources.agents.qwen_records import NAME
from tokwatch.sources.answering import Answer, Response, answer_of
from tokwatch.sources.beside import part, plain
from tokwatch.sources.conversation import At, Conversation, Memory, encoded, hash_of, keep
from tokwatch.sources.counts import count, instant_ms
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.pieces import image_in, images_of, part_of, take_asked, texts_of
from tokwatch.sources.records import Records
from tokwatch.sources.text import name_in, safe_name
from tokwatch.sources.troubles import INTERRUPTED, status_in, trouble_of

_DELEGATES: Final = ("task", "agent")
"""Tools that set a sub-agent to work."""
_RUNNING: Final = 256
_API_ERROR: Final = "qwen-code.api_error"
_INTERRUPTED: Final = "[Request interrupted"
_OWN: Final = ("notification", "background_task_completed", "agent_bootstrap", "goal_runtime")
"""Messages that the tool writes in the user's place."""
_MEANWHILE: Final = "mid_turn_user_message"


class _Running(Struct, array_like=True):
    """A delegation that has not come back."""

    begin_ms: int
    parent: str
    kind: str
    offset: int


class _State(Struct, array_like=True):
    """What the next read of the same transcript needs to know."""

    memory: Memory
    responses: dict[int, Response] = {}
    running: dict[int, _Running] = {}


_decode_state = msgspec.msgpack.Decoder(_State).decode


def read_detail(log: LogFile, state: bytes) -> Detail:
    """Read the detail of the lines behind the last read."""
    kept = _decode_state(state) if state else _State(Memory())
    talk = Conversation(kept.memory)
    reading = _Transcript(log, talk, kept)
    for offset, record in Records(log.lines):
        reading.take(offset, record)
    return talk.detail(msgspec.msgpack.encode(kept))


class _Transcript:
    """One read of one transcript."""

    def __init__(self, log: LogFile, talk: Conversation, state: _State) -> None:
        self._stem = safe_name(log.path.stem)
        self._talk = talk
        self._state = state

    def take(self, offset: int, record: dict[str, Any]) -> None:
        """Take one record."""
        memory = self._state.memory
        moment = instant_ms(record.get("timestamp")) or memory.last_ms
        memory.last_ms = max(memory.last_ms, moment)
        at = At(moment, name_in(record.get("agentId")), offset)
        pieces = [one for _, one in objects_in(part(record, "message").get("parts"))]
        match record.get("type"):
            case "assistant":
                self._take_answer(at, record, pieces)
            case "user":
                self._take_asked(at, pieces, plain(record.get("subtype")))
            case "tool_result":
                self._take_results(at, record, pieces)
            case "system":
                self._take_system(at, record)

    def _take_asked(self, at: At, pieces: list[dict[str, Any]], subtype: str) -> None:
        """Take a message of the user; what the tool itself says in its place begins no turn."""
        texts = [plain(piece.get("text")) for piece in pieces]
        own = Part.ATTACHMENT if subtype in _OWN else Part.USER if subtype == _MEANWHILE else None
        if any(text.startswith(_INTERRUPTED) for text in texts):
            self._talk.failed(at, INTERRUPTED)
            own = Part.USER
        take_asked(self._talk, at, pieces, sort=own)

    def _take_answer(self, at: At, record: dict[str, Any], pieces: list[dict[str, Any]]) -> None:
        usage = part(record, "usageMetadata")
        name = plain(record.get("uuid"))
        session = name_in(record.get("sessionId")) or self._stem
        own = (name,) if name else (session, "at", str(at.offset))
        key = event_key(NAME, *own)
        answer = answer_of(
            *(self._talk, self._state.responses, at._replace(request=key if usage else 0), key)
        )
        for piece in pieces:
            self._take_piece(answer, piece)
        told, output = usage.get("thoughtsTokenCount"), usage.get("candidatesTokenCount")
        answer.size(count(told), count(output))
        answer.end()

    def _take_piece(self, answer: Answer, piece: dict[str, Any]) -> None:
        text = plain(piece.get("text"))
        if call := part(piece, "functionCall"):
            self._take_call(answer, call)
        elif piece.get("thought") is True:
            answer.thought(text, plain(piece.get("thoughtSignature")))
        else:
            answer.text(text)

    def _take_call(self, answer: Answer, call: dict[str, Any]) -> None:
        """Take a call of a tool; one that sets a sub-agent to work is a delegation too."""
        name, arguments, at = plain(call.get("name")), call.get("args"), answer.at
        block = answer.call(name, arguments, plain(call.get("id")))
        if block is not None and block.call and name in _DELEGATES:
            kind = name_in(part(call, "args").get("subagent_type"))
            running = _Running(at.instant_ms, at.agent, kind, at.offset)
            keep(self._state.running, block.call, running, _RUNNING)
            self._tell(block.call, running, "", 0)

    def _take_results(self, at: At, record: dict[str, Any], pieces: list[dict[str, Any]]) -> None:
        told = part(record, "toolCallResult")
        is_error = told.get("status") in ("error", "cancelled")
        for piece in pieces:
            if result := part(piece, "functionResponse"):
                identity = plain(result.get("id")) or plain(told.get("callId"))
                answered = result.get("response")
                texts = list(texts_of(answered)) or ([encoded(answered).decode()] * bool(answered))
                images = list(images_of(result.get("parts")))
                block = self._talk.result(at, texts, images, identity, is_error=is_error)
                running = self._state.running.pop(hash_of(identity), None)
                if running is not None:
                    self._tell(
                        *(hash_of(identity), running, _agent_in(told)),
                        tokens=block.tokens if block else 0,
                    )
            elif "inlineData" in piece:
                self._talk.image(at, image_in(piece))

    def _tell(self, call: int, running: _Running, child: str, tokens: int) -> None:
        head = (running.begin_ms, running.parent, child, running.kind, tokens, running.offset)
        self._talk.delegation(Delegation(*head, call))

    def _take_system(self, at: At, record: dict[str, Any]) -> None:
        payload = part(record, "systemPayload")
        event = part(payload, "uiEvent")
        if record.get("subtype") == "chat_compression":
            self._take_compression(at, payload)
        elif event.get("event.name") == _API_ERROR:
            message = plain(event.get("error_message")) or plain(event.get("error"))
            status = count(event.get("status_code")) or status_in(message)
            status = status if 100 <= status < 600 else 0
            # The tool tries again by itself; what ends the turn is told in no record.
            self._talk.failed(at, trouble_of(status, message), status, attempt=1)

    def _take_compression(self, at: At, payload: dict[str, Any]) -> None:
        """Take a compression, and the history that takes the place of what came before it."""
        info = part(payload, "info")
        sizes = (info.get("originalTokenCount"), info.get("newTokenCount"))
        before, after = (count(size) or None for size in sizes)
        self._talk.compaction(
            Compaction(*(at.instant_ms, at.agent, before, after), "", offset=at.offset)
        )
        for place, (_, content) in enumerate(objects_in(payload.get("compressedHistory"))):
            for _, piece in objects_in(content.get("parts")):
                if text := plain(piece.get("text")):
                    self._talk.text(at, self._sort(content, text, place), text)

    def _sort(self, content: dict[str, Any], text: str, place: int) -> Part:
        """Return what sort of text a compressed history holds: its first message sums it up."""
        if "<state_snapshot>" in text or not place:
            return Part.SUMMARY
        return Part.ASSISTANT if content.get("role") == "model" else part_of(text)


def _agent_in(told: dict[str, Any]) -> str:
    """Return the sub-agent that a result came from, where it names it."""
    shown = told.get("resultDisplay")
    return name_in(shown.get("agentId")) if isinstance(shown, dict) else ""
