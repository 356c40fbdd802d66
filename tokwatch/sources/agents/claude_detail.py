"""Reads what a Claude Code transcript's requests are made of; docs/detail.md has the rules.

Records that hold nothing of a conversation are passed over by their first bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from tokwatch.model.detail import Compaction, Delegation, Detail, Flight
from tokwatch.sources.agents.claude_answers import Answers, Running
from tokwatch.sources.agents.claude_asks import Asks
from tokwatch.sources.answering import Response
from tokwatch.sources.beside import part, plain, read_object
from tokwatch.sources.conversation import At, Conversation, Memory, encoded, hash_of, keep, raw
from tokwatch.sources.counts import count, instant_ms
from tokwatch.sources.heads import type_in, wanted_records
from tokwatch.sources.lines import Lines
from tokwatch.sources.pieces import plain_texts
from tokwatch.sources.text import name_in, safe_name
from tokwatch.sources.troubles import OTHER, REFUSED, status_in, trouble_of

_LINES_REMEMBERED: Final = 100
"""Within so many messages the tail lies that a compaction keeps."""
_FLIGHT_MS: Final = 60 * 60 * 1000
"""A request without an answer for so long has none."""

_TAKEN: Final = (
    *(b"user", b"assistant", b"attachment", b"system", b"cost-state"),
    *(b"api-request", b"api-request-shape"),
)
_SNAPSHOT: Final = b'{"type":"prompt_snapshot"'


class _State(Struct, array_like=True):
    """What the next read of the same transcript needs to know."""

    memory: Memory
    responses: dict[int, Response] = {}
    lines: dict[int, int] = {}
    """Number of the first block of each of the latest messages, by its uuid."""
    flights: dict[int, tuple[int, str, str, str]] = {}
    """Instant, agent, model and reason of requests without an answer."""
    running: dict[int, Running] = {}
    """By call."""
    begin_ms: int = 0
    is_named: bool = False
    """True once a sub-agent's own file told which call set it to work."""


_decode_state = msgspec.msgpack.Decoder(_State).decode


def read_detail(path: Path, lines: Lines, state: bytes) -> Detail:
    """Read the detail of the lines behind the last read."""
    return _Transcript(path, _decode_state(state) if state else _State(Memory())).read(lines)


class _Transcript:
    """One read of one transcript."""

    def __init__(self, path: Path, state: _State) -> None:
        self._path = path
        self._state = state
        self._agent = path.stem.removeprefix("agent-") if path.stem.startswith("agent-") else ""
        self._talk = Conversation(state.memory)
        self._answers = Answers(self._talk, state.responses, path.name, state.running)
        self._asks = Asks(self._talk, state.running)

    def read(self, lines: Lines) -> Detail:
        """Read all complete lines."""
        for offset, record in wanted_records(lines, _is_wanted):
            self._take(offset, record)
        self._name_delegation()
        state = msgspec.msgpack.encode(self._state)
        return self._talk.detail(state, tuple(self._flights()))

    def _take(self, offset: int, record: dict[str, Any]) -> None:
        kind = record.get("type")
        take = _TAKERS.get(kind) if isinstance(kind, str) else None
        if take is None:
            return
        identity = hash_of(plain(record.get("uuid")))
        if kind != "assistant" and identity in self._state.lines:
            return  # written twice; an answer's pieces are known by themselves
        memory = self._talk.memory
        before = memory.blocks
        moment = instant_ms(record.get("timestamp")) or memory.last_ms
        memory.last_ms = max(memory.last_ms, moment)
        self._state.begin_ms = self._state.begin_ms or moment
        agent = self._agent or plain(record.get("agentId"))
        agent = agent or ("sidechain" if record.get("isSidechain") is True else "")
        take(self, At(moment, safe_name(agent), offset), record)
        if identity and memory.blocks > before:
            keep(self._state.lines, identity, before, _LINES_REMEMBERED)

    def _take_ask(self, at: At, record: dict[str, Any]) -> None:
        self._asks.take(at, record)

    def _take_attachment(self, at: At, record: dict[str, Any]) -> None:
        self._asks.take_attachment(at, record)

    def _take_answer(self, at: At, record: dict[str, Any]) -> None:
        """Take a line of a response: what was asked for is no longer in flight."""
        flights = self._state.flights
        flights.pop(hash_of(plain(record.get("requestRef"))), None)
        if record.get("isApiErrorMessage") is True:
            self._land(at.agent)
            self._take_failure(at, record)
        else:
            self._answers.take(at, record)

    def _take_failure(self, at: At, record: dict[str, Any]) -> None:
        """Take the message that the tool shows in place of an answer."""
        message = "".join(plain_texts(part(record, "message").get("content")))
        kind = trouble_of(status_in(message), message)
        if kind == OTHER:
            kind = trouble_of(0, plain(record.get("error")))
        self._talk.failed(at, kind, status_in(message))

    def _take_system(self, at: At, record: dict[str, Any]) -> None:
        subtype = record.get("subtype")
        if subtype == "compact_boundary":
            self._take_compaction(at, record)
        elif subtype == "api_error":
            self._take_retry(at, record)
        elif subtype == "model_refusal_fallback":
            self._talk.failed(at, REFUSED, attempt=1)

    def _take_compaction(self, at: At, record: dict[str, Any]) -> None:
        told = part(record, "compactMetadata")
        head = hash_of(plain(part(told, "preservedSegment").get("headUuid")))
        self._talk.compaction(
            Compaction(
                *(at.instant_ms, at.agent),
                before=count(told.get("preTokens")) or None,
                after=count(told.get("postTokens")) or None,
                trigger=name_in(told.get("trigger")),
                offset=at.offset,
                keeps_from=self._state.lines.get(head),
            )
        )

    def _take_retry(self, at: At, record: dict[str, Any]) -> None:
        """Take an attempt that failed and is tried again."""
        error = part(record, "error")
        causes = (part(error, "connection"), part(record, "cause"), part(error, "cause"))
        message = plain(error.get("message")) or plain(error.get("formatted"))
        message += " ".join(plain(cause.get("code")) for cause in causes)
        status = count(error.get("status"))
        status = status if 100 <= status < 600 else status_in(message)
        attempt = max(1, min(count(record.get("retryAttempt")), 10_000))
        self._talk.failed(at, trouble_of(status, message), status, attempt)

    def _take_request(self, at: At, record: dict[str, Any]) -> None:
        """Take a request as it starts; an agent's next one of a kind says that one is over."""
        identity, reason = hash_of(plain(record.get("id"))), plain(record.get("querySource"))
        if identity:
            self._land(at.agent, reason)
            model = name_in(part(record, "params").get("model"))
            self._state.flights[identity] = (at.instant_ms, at.agent, model, safe_name(reason))

    def _take_shape(self, at: At, record: dict[str, Any]) -> None:
        """Take the system prompt and the tools of the requests that follow."""
        shape = part(record, "shape")
        self._talk.system(at, "", raw("".join(plain_texts(shape.get("system")))))
        tools = shape.get("tools")
        named = {
            name_in(tool.get("name")): encoded(tool)
            for tool in (tools if isinstance(tools, list) else ())
            if isinstance(tool, dict)
        }
        prefix = f"{at.agent}\0"
        known = [key for key in self._talk.memory.systems if key.startswith(prefix)]
        for name in (key.removeprefix(prefix) for key in known):
            if name and name not in named:
                self._talk.system(at, name, b"")
        for name, definition in named.items():
            if name:
                self._talk.system(at, name, definition)

    def _take_end(self, at: At, record: dict[str, Any]) -> None:
        """Take that the process ended, and with it whatever was in flight."""
        self._state.flights.clear()

    def _land(self, agent: str, reason: str | None = None) -> None:
        """Forget what an agent has in flight, or what it has for one reason."""
        flights = self._state.flights
        for identity, (_, who, _, why) in list(flights.items()):
            if who == agent and reason in (None, why):
                del flights[identity]

    def _flights(self) -> Iterator[Flight]:
        flights = self._state.flights
        oldest_ms = self._talk.memory.last_ms - _FLIGHT_MS
        for identity, (begun_ms, agent, model, _) in list(flights.items()):
            if begun_ms < oldest_ms:
                del flights[identity]
            else:
                yield Flight(identity, begun_ms, agent, model)

    def _name_delegation(self) -> None:
        """Tell which call set this sub-agent to work, from the small file beside it."""
        state = self._state
        if not self._agent or state.is_named or not state.begin_ms:
            return
        beside = read_object(self._path.with_name(self._path.stem + ".meta.json"))
        call = hash_of(plain(beside.get("toolUseId")))
        if call:
            state.is_named = True
            agent, kind = safe_name(self._agent), name_in(beside.get("agentType"))
            self._talk.delegation(Delegation(state.begin_ms, agent, agent, kind, 0, 0, call))


def _is_wanted(line: bytes) -> bool:
    """Tell from a record's first bytes whether it may hold a part of a conversation."""
    second = line.find(b"{", 1)
    kind = type_in(line, 0, second)
    return kind in _TAKEN if kind else not line.startswith(_SNAPSHOT, second)


_TAKERS: Final[Mapping[str, Callable[[_Transcript, At, dict[str, Any]], None]]] = {
    "user": _Transcript._take_ask,
    "attachment": _Transcript._take_attachment,
    "assistant": _Transcript._take_answer,
    "system": _Transcript._take_system,
    "api-request": _Transcript._take_request,
    "api-request-shape": _Transcript._take_shape,
    "cost-state": _Transcript._take_end,
}
"""By kind of record. Bound to a reader they would be a cycle, thrown away with each read."""
