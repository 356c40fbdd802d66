"""Reads what the requests of a Kimi CLI wire log are made of; docs/detail.md has the rules.

A step's status, which tells its usage, follows its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from tokwatch.model.detail import Compaction, Delegation, Detail
from tokwatch.model.event import event_key
from tokwatch.sources.agents.kimi_records import NAME, moment_of, place_of
from tokwatch.sources.answering import Answer, Response
from tokwatch.sources.beside import part, plain
from tokwatch.sources.conversation import At, Conversation, Memory, hash_of, keep
from tokwatch.sources.counts import count
from tokwatch.sources.identity import request_key
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.pieces import images_of, take_asked, take_call, take_said, texts_of
from tokwatch.sources.records import Records
from tokwatch.sources.text import name_in, safe_name
from tokwatch.sources.troubles import INTERRUPTED

_PARTS: Final = ("input_other", "input_cache_read", "input_cache_creation", "output")
_DELEGATES: Final = ("Task", "Agent")
_RUNNING: Final = 64


class _Running(Struct, array_like=True):
    """A delegation that has not come back."""

    begin_ms: int
    kind: str
    offset: int
    child: str = ""


class _State(Struct, array_like=True):
    """What the next read of the same wire log needs to know."""

    memory: Memory = field(default_factory=Memory)
    response: Response = field(default_factory=Response)
    running: dict[int, _Running] = {}
    before: int = 0
    """Tokens in the context, as the last status told them."""


_decode_state = msgspec.msgpack.Decoder(_State).decode


def read_detail(log: LogFile, state: bytes) -> Detail:
    """Read the detail of the lines behind the last read."""
    kept = _decode_state(state) if state else _State()
    wire = _Wire(log, kept)
    for offset, record in Records(log.lines):
        wire.take(offset, record)
    return wire.talk.detail(msgspec.msgpack.encode(kept))


class _Wire:
    """One read of one wire log."""

    def __init__(self, log: LogFile, state: _State) -> None:
        place = place_of(log.path)
        self._session, self._agent = safe_name(place.session.name), safe_name(place.agent)
        self.talk = Conversation(state.memory, self._session)
        self._state = state

    def take(self, offset: int, record: dict[str, Any]) -> None:
        """Take one message of the wire."""
        message, memory = part(record, "message"), self._state.memory
        take = _TAKERS.get(plain(message.get("type")))
        if take is None:
            return
        moment = moment_of(record.get("timestamp")) or memory.last_ms
        memory.last_ms = max(memory.last_ms, moment)
        take(self, At(moment, self._agent, offset), part(message, "payload"))

    def _begin(self, at: At, payload: dict[str, Any]) -> None:
        self._begin_step(at, payload)
        take_asked(self.talk, at, payload.get("user_input"))

    def _steer(self, at: At, payload: dict[str, Any]) -> None:
        take_asked(self.talk, at, payload.get("user_input"))

    def _begin_step(self, at: At, payload: dict[str, Any]) -> None:
        """Begin an answer: one that nothing settled belongs to no request."""
        self._state.response = Response()

    def _take_said(self, at: At, payload: dict[str, Any]) -> None:
        take_said(self._answer(at), [payload])

    def _take_call(self, at: At, payload: dict[str, Any]) -> None:
        block = take_call(self._answer(at), payload)
        function = part(payload, "function")
        if block is not None and block.call and plain(function.get("name")) in _DELEGATES:
            running = _Running(at.instant_ms, "", at.offset)
            keep(self._state.running, block.call, running, _RUNNING)
            self._tell(block.call, running, 0)

    def _take_result(self, at: At, payload: dict[str, Any]) -> None:
        value, identity = part(payload, "return_value"), plain(payload.get("tool_call_id"))
        told = value.get("output") or value.get("message") or payload.get("result")
        texts, images = list(texts_of(told)), list(images_of(told))
        is_error = value.get("is_error") is True
        block = self.talk.result(at, texts, images, identity, is_error=is_error)
        if running := self._state.running.pop(hash_of(identity), None):
            self._tell(hash_of(identity), running, block.tokens if block else 0)

    def _take_agent(self, at: At, payload: dict[str, Any]) -> None:
        """Learn which sub-agent a call set to work; its own log holds what it says."""
        names = ("parent_tool_call_id", "task_tool_call_id", "tool_call_id")
        call = next((c for c in (hash_of(plain(payload.get(name))) for name in names) if c), 0)
        running = self._state.running.get(call)
        if running is not None and not running.child:
            running.child = name_in(payload.get("agent_id"))
            running.kind = name_in(payload.get("subagent_type"))
            self._tell(call, running, 0)

    def _tell(self, call: int, running: _Running, tokens: int) -> None:
        head = (running.begin_ms, self._agent, running.child, running.kind, tokens)
        self.talk.delegation(Delegation(*head, running.offset, call))

    def _settle(self, at: At, payload: dict[str, Any]) -> None:
        """Give the open answer the request that a status tells the usage of."""
        usage, name = part(payload, "token_usage"), plain(payload.get("message_id"))
        self._state.before = count(payload.get("context_tokens")) or self._state.before
        if not any(count(usage.get(one)) for one in _PARTS):
            return
        if name:
            key = request_key(name, NAME, self._session, name)
        else:
            key = event_key(NAME, self._session, self._agent, "at", str(at.offset))
        answer = self._answer(at)
        answer.settle(key, output=count(usage.get("output")))
        answer.end()
        self._state.response = Response()

    def _interrupt(self, at: At, payload: dict[str, Any]) -> None:
        self.talk.failed(at, INTERRUPTED)

    def _compact(self, at: At, payload: dict[str, Any]) -> None:
        before = self._state.before or None
        self.talk.compaction(Compaction(at.instant_ms, at.agent, before, None, "", at.offset))

    def _answer(self, at: At) -> Answer:
        return Answer(self.talk, at, self._state.response)


_TAKERS: Final[Mapping[str, Callable[[_Wire, At, dict[str, Any]], None]]] = {
    "TurnBegin": _Wire._begin,
    "SteerInput": _Wire._steer,
    "StepBegin": _Wire._begin_step,
    "ContentPart": _Wire._take_said,
    "TextPart": _Wire._take_said,
    "ThinkPart": _Wire._take_said,
    "ToolCall": _Wire._take_call,
    "ToolResult": _Wire._take_result,
    "SubagentEvent": _Wire._take_agent,
    "StatusUpdate": _Wire._settle,
    "StepInterrupted": _Wire._interrupt,
    "CompactionEnd": _Wire._compact,
}
"""By kind of record. Bound to a reader they would be a cycle, thrown away with each read."""
