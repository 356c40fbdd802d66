"""Reads what the requests of a Copilot CLI session's events are made of.

docs/detail.md has the rules. An answer's request is the one in the session store that it agrees
with, once that is there; until then the message's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec
from msgspec import Struct

from tokwatch.model.detail import Block, Compaction, Delegation, Detail, Part
from tokwatch.sources.agents.copilot import STORE
from tokwatch.sources.agents.copilot_records import Occurrences, message_key, request_key
from tokwatch.sources.agents.copilot_store import Request, requests_of
from tokwatch.sources.agents.documents import objects_in
from tokwatch.sources.answering import Answer, Response
from tokwatch.sources.beside import part, plain
from tokwatch.sources.conversation import At, Conversation, Memory, hash_of, keep, raw
from tokwatch.sources.counts import count, instant_ms
from tokwatch.sources.growth import total
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.pieces import subject_in, texts_of
from tokwatch.sources.records import Records
from tokwatch.sources.text import name_in, safe_name
from tokwatch.sources.troubles import INTERRUPTED, status_in, trouble_of

_OPEN: Final = 64
"""Answers and calls of which more may be told."""
_SLACK_MS: Final = 2_000
"""The store's times are of whole seconds."""


class _Waiting(Struct, array_like=True):
    """An answer whose request the store has not told."""

    at_ms: int
    output: int
    blocks: list[Block]


class _Running(Struct, array_like=True):
    """A delegation that has not come back."""

    begin_ms: int
    parent: str
    child: str
    kind: str
    offset: int


class _State(Struct, array_like=True):
    """What the next read of the same events needs to know."""

    memory: Memory
    messages: int = 0
    """Messages that told their output so far: they are requests of their own."""
    waiting: list[_Waiting] = []
    used: list[int] = []
    """Requests of the store whose answers are known."""
    calls: dict[int, Block] = {}
    running: dict[int, _Running] = {}


_decode_state = msgspec.msgpack.Decoder(_State).decode


def read_detail(log: LogFile, state: bytes) -> Detail:
    """Read the detail of the lines behind the last read."""
    return _Events(log, _decode_state(state) if state else _State(Memory())).read()


class _Events:
    """One read of one session's events."""

    def __init__(self, log: LogFile, state: _State) -> None:
        self._log = log
        self._state = state
        self._session = safe_name(log.path.parent.name)
        self._talk = Conversation(state.memory, self._session)

    def read(self) -> Detail:
        """Read all complete lines."""
        memory = self._state.memory
        for offset, record in Records(self._log.lines):
            kind = record.get("type")
            take = _TAKERS.get(kind) if isinstance(kind, str) else None
            if take is not None:
                moment = instant_ms(record.get("timestamp")) or memory.last_ms
                memory.last_ms = max(memory.last_ms, moment)
                data = part(record, "data")
                agent = plain(record.get("agentId")) or plain(data.get("agentId"))
                take(self, At(moment, safe_name(agent), offset), data)
        self._match()
        return self._talk.detail(msgspec.msgpack.encode(self._state))

    def _take_system(self, at: At, data: dict[str, Any]) -> None:
        self._talk.system(at, "", raw(plain(data.get("content"))))

    def _take_asked(self, at: At, data: dict[str, Any]) -> None:
        """Take what the user said, and what the tool wrote around it."""
        text, sent = plain(data.get("content")), plain(data.get("transformedContent"))
        if data.get("source") in (None, "", "user"):
            self._talk.turns.begin(at)
            self._add(at, Part.USER, text)
            self._add(at, Part.ATTACHMENT, sent.replace(text, "", 1) if text in sent else "")
        else:
            self._add(at, Part.ATTACHMENT, sent or text)
        for _, file in objects_in(data.get("attachments")):
            if plain(file.get("mimeType")).startswith("image/"):
                self._talk.image(at, plain(file.get("data")))

    def _take_aside(self, at: At, data: dict[str, Any]) -> None:
        self._add(at, Part.ATTACHMENT, plain(data.get("content")))

    def _take_answer(self, at: At, data: dict[str, Any]) -> None:
        state, output = self._state, total(data.get("outputTokens"))
        if output is not None:
            at = at._replace(request=message_key(self._session, state.messages))
            state.messages += 1
        self._talk.turns.answered(at)
        answer, first = Answer(self._talk, at, Response()), state.memory.blocks
        mark = plain(data.get("reasoningOpaque")) or plain(data.get("encryptedContent"))
        answer.thought(plain(data.get("reasoningText")), mark)
        answer.text(plain(data.get("content")))
        for _, call in objects_in(data.get("toolRequests")):
            self._take_call(answer, call)
        answer.size(0, output or 0)
        answer.end()
        if output is not None:
            waiting = _Waiting(at.instant_ms, output, self._talk.since(first))
            state.waiting = [*state.waiting, waiting][-_OPEN:]

    def _take_call(self, answer: Answer, call: dict[str, Any]) -> None:
        arguments, name = call.get("arguments"), _name_of(call) or plain(call.get("name"))
        block = answer.call(name, arguments, plain(call.get("toolCallId")), subject_in(arguments))
        if block is not None and block.call:
            keep(self._state.calls, block.call, block, _OPEN)

    def _take_start(self, at: At, data: dict[str, Any]) -> None:
        """Learn which server's tool a call is of."""
        call, name = hash_of(plain(data.get("toolCallId"))), _name_of(data)
        block = self._state.calls.get(call)
        if name and block is not None and block.tool != name:
            self._talk.memory.calls[call] = (name, block.subject)
            self._rename(block, block._replace(tool=name))

    def _rename(self, before: Block, now: Block) -> None:
        self._state.calls[now.call] = now
        for waiting in self._state.waiting:
            waiting.blocks = [now if one.number == now.number else one for one in waiting.blocks]
        self._talk.put(now)

    def _take_result(self, at: At, data: dict[str, Any]) -> None:
        identity, result = plain(data.get("toolCallId")), data.get("result")
        told = part(data, "result").get("content") or result or data.get("error")
        block = self._talk.result(
            *(at, list(texts_of(told)), [], identity), is_error=data.get("success") is False
        )
        call = hash_of(identity)
        self._state.calls.pop(call, None)
        if running := self._state.running.pop(call, None):
            self._tell(call, running, block.tokens if block else 0)

    def _take_agent(self, at: At, data: dict[str, Any]) -> None:
        """Take that a call set a sub-agent to work, whose own events name it."""
        call = hash_of(plain(data.get("toolCallId")))
        known = self._state.calls.get(call)
        parent = known.agent if known is not None else ""
        kind = name_in(data.get("agentName"))
        child = at.agent if at.agent != parent else ""
        running = _Running(at.instant_ms, parent, child, kind, at.offset)
        if call:
            keep(self._state.running, call, running, _OPEN)
            self._tell(call, running, 0)

    def _tell(self, call: int, running: _Running, tokens: int) -> None:
        head = (running.begin_ms, running.parent, running.child, running.kind)
        self._talk.delegation(Delegation(*head, tokens, running.offset, call))

    def _take_compaction(self, at: At, data: dict[str, Any]) -> None:
        """Take a compaction, and the summary that takes the place of what came before it."""
        if data.get("success") is not True:
            return
        names = ("preCompactionTokens", "postCompactionTokens")
        before, after = (count(data.get(name)) or None for name in names)
        self._talk.compaction(
            Compaction(*(at.instant_ms, at.agent, before, after), "", offset=at.offset)
        )
        self._add(at, Part.SUMMARY, plain(data.get("summaryContent")))

    def _take_error(self, at: At, data: dict[str, Any]) -> None:
        self._fail(at, data, 0)

    def _take_failure(self, at: At, data: dict[str, Any]) -> None:
        self._fail(at, data, 1)

    def _take_abort(self, at: At, data: dict[str, Any]) -> None:
        self._talk.failed(at, INTERRUPTED)

    def _fail(self, at: At, data: dict[str, Any], attempt: int) -> None:
        message = plain(data.get("message")) or plain(data.get("errorMessage"))
        message += f" {plain(data.get('errorType'))}"
        status = count(data.get("statusCode")) or status_in(message)
        status = status if 100 <= status < 600 else 0
        self._talk.failed(at, trouble_of(status, message), status, attempt)

    def _match(self) -> None:
        """Let answers belong to the requests of the store that agree with them."""
        state, occurrences, requests = self._state, Occurrences(), []
        found: Sequence[Request] = ()
        with suppress(OSError):  # what cannot be read now is asked for again
            found = requests_of(self._log.path.parents[2] / STORE, self._session)
        used = set(state.used)
        for one in found if state.waiting else ():
            key = request_key(self._session, one.counts, occurrences.note("", one.counts))
            if key not in used:
                requests.append((one, key))
        left = []
        for waiting in state.waiting:
            earliest = waiting.at_ms - _SLACK_MS
            agree = (
                place
                for place, (one, _) in enumerate(requests)
                if one.counts.output == waiting.output and one.at_ms >= earliest
            )
            place = next(agree, None)
            if place is None:
                left.append(waiting)
                continue
            one, key = requests.pop(place)
            state.used.append(key)
            self._settle(waiting, key, one.counts.reasoning or 0)
        state.waiting = left

    def _settle(self, waiting: _Waiting, key: int, reasoning: int) -> None:
        blocks = [block._replace(request=key) for block in waiting.blocks]
        for block in blocks:
            self._talk.put(block)
            if block.call in self._state.calls:
                self._state.calls[block.call] = block
        thinking = [(block, 1) for block in blocks if block.part is Part.THINKING]
        if thinking and reasoning:
            self._talk.share(thinking, reasoning)

    def _add(self, at: At, sort: Part, text: str) -> None:
        if text.strip():
            self._talk.text(at, sort, text)


def _name_of(call: dict[str, Any]) -> str:
    """Return the name of an MCP server's tool; empty for any other."""
    server, tool = plain(call.get("mcpServerName")), plain(call.get("mcpToolName"))
    return safe_name(f"mcp__{server}__{tool}") if server and tool else ""


_TAKERS: Final[Mapping[str, Callable[[_Events, At, dict[str, Any]], None]]] = {
    "system.message": _Events._take_system,
    "user.message": _Events._take_asked,
    "assistant.message": _Events._take_answer,
    "tool.execution_start": _Events._take_start,
    "tool.execution_complete": _Events._take_result,
    "subagent.started": _Events._take_agent,
    "session.compaction_complete": _Events._take_compaction,
    "session.error": _Events._take_error,
    "model.call_failure": _Events._take_failure,
    "abort": _Events._take_abort,
    "skill.invoked": _Events._take_aside,
    "system.notification": _Events._take_aside,
}
"""By kind of record. Bound to a reader they would be a cycle, thrown away with each read."""
