"""Reads what the requests of a Kimi Code wire log are made of; docs/detail.md has the rules.

A step's usage comes behind its answer, and before what its tools answered.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from tokwatch.model.detail import Compaction, Delegation, Detail, Part
from tokwatch.model.reading import Cursor
from tokwatch.sources.agents.kimi_code_records import NAME, Wire
from tokwatch.sources.answering import Answer, Response
from tokwatch.sources.beside import part, plain
from tokwatch.sources.conversation import (
    At,
    Conversation,
    Memory,
    digest_of,
    encoded,
    hash_of,
    keep,
    raw,
)
from tokwatch.sources.counts import count, instant_ms
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.pieces import images_of, take_asked, take_call, take_said, texts_of
from tokwatch.sources.records import Records
from tokwatch.sources.text import name_in, safe_name
from tokwatch.sources.troubles import INTERRUPTED, status_in, trouble_of

_DELEGATES: Final = ("Task", "Agent", "AgentSwarm")
_RUNNING: Final = 64
_AGENT: Final = re.compile(r"agent_id: *([0-9A-Za-z_-]{1,80})")
_LOOKED_AT: Final = 600


class _Running(Struct, array_like=True):
    """A delegation that has not come back."""

    begin_ms: int
    kind: str
    offset: int


class _State(Struct, array_like=True):
    """What the next read of the same wire log needs to know."""

    memory: Memory = field(default_factory=Memory)
    response: Response = field(default_factory=Response)
    key: int = 0
    """The request of the open step, once it is told."""
    running: dict[int, _Running] = {}
    asked: int = 0
    """Digest of the last prompt: the history repeats it."""
    trigger: str = ""
    """What set off the compaction that is going on."""
    usage: bytes = b""
    """Of the reader of usage, whose requests these are."""


_decode_state = msgspec.msgpack.Decoder(_State).decode


def read_detail(log: LogFile, state: bytes) -> Detail:
    """Read the detail of the lines behind the last read."""
    kept = _decode_state(state) if state else _State()
    reading = _Talk(log, kept)
    for offset, record in Records(log.lines):
        reading.take(offset, record)
    kept.usage = reading.wire.encoded()
    return reading.talk.detail(msgspec.msgpack.encode(kept))


class _Talk:
    """One read of one agent's wire log."""

    def __init__(self, log: LogFile, state: _State) -> None:
        self.wire = Wire(log, Cursor(path=str(log.path), source=NAME, state=state.usage))
        self.talk = Conversation(state.memory)
        self._state = state

    def take(self, offset: int, record: dict[str, Any]) -> None:
        """Take one record."""
        memory, kind = self._state.memory, record.get("type")
        self.wire.sightings.clear()
        self.wire.take(offset, record)
        key = next(iter(self.wire.sightings), 0)
        moment = instant_ms(record.get("time")) or memory.last_ms
        memory.last_ms = max(memory.last_ms, moment)
        at = At(moment, self.wire.agent, offset)
        if kind == "context.append_loop_event":
            self._take_event(at, part(record, "event"), key)
        elif kind == "usage.record" and record.get("usageScope") != "session":
            self._settle(at, key, part(record, "usage"))
        else:
            self._take_other(at, plain(kind), record)

    def _take_event(self, at: At, event: dict[str, Any], key: int) -> None:
        match event.get("type"):
            case "step.begin":
                self._state.response, self._state.key = Response(), 0
            case "content.part":
                take_said(self._answer(at), event.get("part"))
            case "tool.call":
                self._take_call(at, event)
            case "tool.result":
                self._take_result(at, event)
            case "step.end":
                self._settle(at, key, part(event, "usage"))
                self._answer(at).end(goes_on=event.get("finishReason") == "tool_use")

    def _take_other(self, at: At, kind: str, record: dict[str, Any]) -> None:
        match kind:
            case "turn.prompt" | "turn.steer":
                self._take_prompt(at, record, is_turn=kind == "turn.prompt")
            case "context.append_message":
                self._take_message(at, part(record, "message"))
            case "config.update" if prompt := plain(record.get("systemPrompt")):
                self.talk.system(at, "", raw(prompt))
            case "full_compaction.begin":
                self._state.trigger = name_in(record.get("source"))
            case "context.apply_compaction":
                self._compact(at, record)
            case "turn.cancel":
                self.talk.failed(at, INTERRUPTED)
            case "turn.step.retrying" | "turn.ended":
                self._fail(at, kind, record)

    def _take_prompt(self, at: At, record: dict[str, Any], *, is_turn: bool) -> None:
        """Take what the user said, or what the tool says in the user's place."""
        content = record.get("input")
        self._state.asked = digest_of(encoded(content))
        is_user = part(record, "origin").get("kind") in (None, "user")
        if is_turn:
            self.talk.turns.begin(at)
        take_asked(self.talk, at, content, sort=Part.USER if is_user else Part.ATTACHMENT)

    def _take_message(self, at: At, message: dict[str, Any]) -> None:
        """Take a message of the history; a prompt was told before, an answer piece by piece."""
        content, origin = message.get("content"), part(message, "origin").get("kind")
        if message.get("role") != "user":
            return
        if self._state.asked == digest_of(encoded(content)):
            self._state.asked = 0
            return
        is_user = origin in (None, "user")
        take_asked(self.talk, at, content, sort=None if is_user else Part.ATTACHMENT)

    def _take_call(self, at: At, event: dict[str, Any]) -> None:
        told = {"type": "tool_use", "id": event.get("toolCallId"), "name": event.get("name")}
        block = take_call(self._answer(at), {**told, "input": event.get("args")})
        if block is not None and block.call and plain(event.get("name")) in _DELEGATES:
            kind = name_in(part(event, "args").get("subagent_type"))
            running = _Running(at.instant_ms, kind, at.offset)
            keep(self._state.running, block.call, running, _RUNNING)
            self._tell(block.call, running, "", 0)

    def _take_result(self, at: At, event: dict[str, Any]) -> None:
        result, identity = event.get("result"), plain(event.get("toolCallId"))
        told = part(event, "result")
        output = told.get("output") or told.get("message") or result
        block = self.talk.result(
            *(at, list(texts_of(output)), list(images_of(output)), identity),
            is_error=told.get("isError") is True,
        )
        if running := self._state.running.pop(hash_of(identity), None):
            child = _AGENT.search("".join(texts_of(output))[:_LOOKED_AT])
            tokens = block.tokens if block else 0
            self._tell(hash_of(identity), running, child[1] if child else "", tokens)

    def _tell(self, call: int, running: _Running, child: str, tokens: int) -> None:
        head = (running.begin_ms, self.wire.agent, safe_name(child), running.kind, tokens)
        self.talk.delegation(Delegation(*head, running.offset, call))

    def _settle(self, at: At, key: int, usage: dict[str, Any]) -> None:
        """Give the open answer its request, once that is told."""
        if key and not self._state.key:
            self._state.key = key
            self._answer(at._replace(request=0)).settle(key, output=count(usage.get("output")))

    def _compact(self, at: At, record: dict[str, Any]) -> None:
        """Take a compaction, and the summary that takes the place of what came before it."""
        before, after = (
            count(record.get(name)) or None for name in ("tokensBefore", "tokensAfter")
        )
        trigger, self._state.trigger = self._state.trigger, ""
        told = Compaction(at.instant_ms + 1, at.agent, before, after, trigger, at.offset)
        self.talk.compaction(told)
        if summary := plain(record.get("summary")):
            self.talk.text(at, Part.SUMMARY, summary)

    def _fail(self, at: At, kind: str, record: dict[str, Any]) -> None:
        error, reason = part(record, "error"), plain(record.get("reason"))
        message = plain(error.get("message")) or plain(record.get("errorMessage"))
        status = count(error.get("statusCode")) or status_in(message)
        status = status if 100 <= status < 600 else 0
        if kind == "turn.step.retrying":
            attempt = max(1, min(count(record.get("failedAttempt")), 10_000))
            self.talk.failed(at, trouble_of(status, message), status, attempt)
        elif reason in ("cancelled", "aborted"):
            self.talk.failed(at, INTERRUPTED)
        elif reason in ("failed", "error"):
            self.talk.failed(at, trouble_of(status, message), status)

    def _answer(self, at: At) -> Answer:
        return Answer(self.talk, at._replace(request=self._state.key), self._state.response)
