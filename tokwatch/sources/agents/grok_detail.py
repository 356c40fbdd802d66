"""Reads what the turns of a Grok Build session are made of; docs/detail.md has the rules.

Texts come in chunks: what follows one of the same sort is added to its block, by its hash alone.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Struct, field

from tokwatch.model.detail import Block, Detail, Part
from tokwatch.model.event import Grade
from tokwatch.model.reading import Cursor
from tokwatch.sources.agents.grok_records import NAME, Updates, moment_of
from tokwatch.sources.answering import Answer, Response
from tokwatch.sources.beside import part, plain
from tokwatch.sources.conversation import (
    BYTES_PER_TOKEN,
    At,
    Conversation,
    Memory,
    digest_of,
    encoded,
    hash_of,
    keep,
    raw,
)
from tokwatch.sources.counts import count
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.pieces import image_in, images_of, is_image, part_of, texts_of
from tokwatch.sources.records import Records
from tokwatch.sources.text import name_in
from tokwatch.sources.troubles import INTERRUPTED, OTHER

_ENDS: Final = {"cancelled": INTERRUPTED, "canceled": INTERRUPTED, "error": OTHER}
_OPEN: Final = 64


class _State(Struct, array_like=True):
    """What the next read of the same updates needs to know."""

    memory: Memory = field(default_factory=Memory)
    response: Response = field(default_factory=Response)
    chunk: Block | None = None
    """The text that may go on."""
    chunk_bytes: int = 0
    answered: dict[int, int] = {}
    """Calls whose results are known."""
    usage: bytes = b""
    """Of the reader of usage, whose requests these are."""


_decode_state = msgspec.msgpack.Decoder(_State).decode


def read_detail(log: LogFile, state: bytes) -> Detail:
    """Read the detail of the lines behind the last read."""
    kept = _decode_state(state) if state else _State()
    reading = _Talk(log, kept)
    for offset, record in Records(log.lines):
        reading.take(offset, record)
    kept.usage = reading.usage.encoded()
    return reading.talk.detail(msgspec.msgpack.encode(kept))


class _Talk:
    """One read of one session's updates."""

    def __init__(self, log: LogFile, state: _State) -> None:
        self.usage = Updates(log, Cursor(path=str(log.path), source=NAME, state=state.usage))
        scope = self.usage.scope
        self.talk = Conversation(state.memory, scope.session)
        self._agent = scope.agent
        self._state = state

    def take(self, offset: int, record: dict[str, Any]) -> None:
        """Take one update; what a fork copied of its parent is the parent's."""
        params = part(record, "params")
        update, memory = part(params, "update"), self._state.memory
        meta = part(params, "_meta") or part(record, "_meta")
        self.usage.sightings.clear()
        self.usage.take(offset, record)
        moment = moment_of(meta, record.get("timestamp")) or memory.last_ms
        memory.last_ms = max(memory.last_ms, moment)
        if moment < self.usage.copied_until_ms:
            return
        at, kind = At(moment, self._agent, offset), update.get("sessionUpdate")
        match kind:
            case "user_message_chunk":
                self._take_asked(at, part(update, "content"))
            case "agent_message_chunk":
                self._take_text(at, Part.ASSISTANT, plain(part(update, "content").get("text")))
            case "agent_thought_chunk":
                self._take_text(at, Part.THINKING, plain(part(update, "content").get("text")))
            case "tool_call" | "tool_call_update":
                self._state.chunk = None
                self._take_tool(at, update)
            case "turn_completed":
                self._state.chunk = None
                self._settle(at, update)

    def _take_asked(self, at: At, content: dict[str, Any]) -> None:
        text = plain(content.get("text"))
        if is_image(content):
            self.talk.image(at, image_in(content))
        elif text:
            sort = part_of(text)
            chunk = self._state.chunk
            if sort is Part.USER and (chunk is None or chunk.part is not sort):
                self.talk.turns.begin(at)
            self._take_text(at, sort, text)

    def _take_text(self, at: At, sort: Part, text: str) -> None:
        """Take a piece of a text, or let it go on where the last update left it."""
        state, content = self._state, raw(text)
        chunk = state.chunk
        if not content:
            return
        if chunk is None or chunk.part is not sort:
            state.chunk_bytes = 0
            chunk = self.talk.add(at, sort, b"", chars=0)
            self._open(chunk)
        state.chunk_bytes += len(content)
        state.chunk = chunk._replace(
            chars=chunk.chars + len(text),
            tokens=-(-state.chunk_bytes // BYTES_PER_TOKEN),
            digest=digest_of(chunk.digest.to_bytes(8, "big") + content),
        )
        self._grow(state.chunk)

    def _open(self, block: Block) -> None:
        response = self._state.response
        if block.part is Part.ASSISTANT:
            response.blocks.append(block)
            response.spoke, response.called = True, False
        elif block.part is Part.THINKING:
            response.thinking.append((block, 1))

    def _grow(self, block: Block) -> None:
        response = self._state.response
        self.talk.put(block)
        response.blocks = [block if b.number == block.number else b for b in response.blocks]
        response.thinking = [
            (block, block.chars) if one.number == block.number else (one, weight)
            for one, weight in response.thinking
        ]

    def _take_tool(self, at: At, update: dict[str, Any]) -> None:
        """Take a call of a tool, and what it answered; a call's title may be anybody's words."""
        identity, status = plain(update.get("toolCallId")), plain(update.get("status"))
        call, told = hash_of(identity), update.get("rawInput")
        if call not in self._state.memory.calls and (told or update.get("kind")):
            names = (part(update, "_meta").get("toolName"), update.get("toolName"))
            name = next(filter(None, map(plain, names)), "") or plain(update.get("kind"))
            Answer(self.talk, at, self._state.response).call(name or "tool", told, identity)
        if status in ("completed", "failed") and call not in self._state.answered:
            keep(self._state.answered, call, 1, _OPEN)
            output = update.get("rawOutput") or update.get("content")
            texts = list(texts_of(output)) or [encoded(output).decode()] * bool(output)
            images = list(images_of(update.get("content")))
            self.talk.result(at, texts, images, identity, is_error=status == "failed")

    def _settle(self, at: At, update: dict[str, Any]) -> None:
        """Give all that a turn answered its usage, where one model answered all of it."""
        told = [one for one in self.usage.sightings.values() if one.grade != Grade.GHOST]
        usage = part(update, "usage")
        key = told[0].key if len(told) == 1 else 0
        answer = Answer(self.talk, at, self._state.response)
        answer.settle(key, count(usage.get("reasoningTokens")), count(usage.get("outputTokens")))
        answer.end(_ENDS.get(name_in(update.get("stop_reason")), ""))
        self._state.response = Response()
