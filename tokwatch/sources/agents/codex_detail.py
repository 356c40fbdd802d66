"""Reads what a Codex rollout's requests are made of; docs/detail.md has the rules.

An answer's items come before the record of its usage, which names their request.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from tokwatch.model.detail import Compaction, Detail, Part
from tokwatch.sources.agents.codex_events import EVENTS, Events, Thread
from tokwatch.sources.agents.codex_items import Items, Response, part_of
from tokwatch.sources.agents.codex_spawns import Spawn, Spawns
from tokwatch.sources.agents.codex_usage import Chain, Told, of_record, of_totals
from tokwatch.sources.beside import part, plain
from tokwatch.sources.conversation import At, Conversation, Memory, raw
from tokwatch.sources.counts import count, instant_ms
from tokwatch.sources.heads import type_in, wanted_records
from tokwatch.sources.lines import Lines
from tokwatch.sources.pieces import plain_texts
from tokwatch.sources.text import name_in, safe_name
from tokwatch.sources.troubles import RATE_LIMIT

_TAKEN: Final = (b"response_item", b"session_meta", b"compacted", b"token_usage_record")
_EVENTS: Final = tuple(name.encode() for name in ("token_count", *EVENTS))
_ITEMS: Final = (b'"SubAgentActivity"', b'"CollabAgentToolCall"', b'"UserMessage"')
_SUMMARY: Final = "Another language model started to solve this problem"
_HEAD_BYTES: Final = 1000
"""Within so many bytes a completed item tells what it is."""


class _State(Struct, array_like=True):
    """What the next read of the same rollout needs to know."""

    memory: Memory
    thread: Thread = field(default_factory=Thread)
    chain: Chain = field(default_factory=Chain)
    response: Response = field(default_factory=Response)
    context: int = 0
    compaction: Compaction | None = None
    """The last one, until the size of what it left is told."""
    limited: str = ""
    """The rate limit that was reached, as long as it is."""
    spawns: dict[int, Spawn] = {}


_decode_state = msgspec.msgpack.Decoder(_State).decode


def read_detail(path: Path, lines: Lines, state: bytes) -> Detail:
    """Read the detail of the lines behind the last read."""
    return _Rollout(path, _decode_state(state) if state else _State(Memory())).read(lines)


class _Rollout:
    """One read of one rollout."""

    def __init__(self, path: Path, state: _State) -> None:
        self._name = path.name
        self._state = state
        self._talk = Conversation(state.memory)
        self._items = Items(self._talk, state.response)
        self._spawns = Spawns(self._talk, state.spawns)
        self._events = Events(self._talk, state.thread, self._items, self._spawns)

    def read(self, lines: Lines) -> Detail:
        """Read all complete lines."""
        for offset, record in wanted_records(lines, _is_wanted):
            payload = record.get("payload")
            if isinstance(payload, dict):
                self._take(offset, record, payload)
        return self._talk.detail(msgspec.msgpack.encode(self._state))

    def _take(self, offset: int, record: dict[str, Any], payload: dict[str, Any]) -> None:
        memory, kind = self._talk.memory, record.get("type")
        moment = instant_ms(record.get("timestamp")) or memory.last_ms
        memory.last_ms = max(memory.last_ms, moment)
        at = At(moment, "", offset)
        thread, ordinal = self._state.thread, record.get("ordinal")
        if isinstance(ordinal, int) and thread.own_from:
            thread.is_inherited = ordinal < thread.own_from
        if kind == "response_item":
            self._take_item(at, payload)
        elif kind == "event_msg":
            if payload.get("type") == "token_count":
                self._take_totals(at, payload)
            else:
                self._events.take(at, payload)
        elif kind == "token_usage_record":
            told = of_record(self._state.chain, payload, f"{self._name}:{offset}")
            self._settle(at, told)
        elif kind == "compacted":
            self._take_compaction(at, payload)
        elif kind == "session_meta" and not thread.session:
            self._take_session(at, payload)

    def _take_session(self, at: At, meta: dict[str, Any]) -> None:
        """Take the first `session_meta`: who this thread is, and its system prompt."""
        thread = self._state.thread
        thread.session = safe_name(plain(meta.get("id")) or self._name)
        thread.own_from = count(meta.get("subagent_history_start_ordinal"))
        told = meta.get("base_instructions")
        text = plain(told.get("text")) if isinstance(told, dict) else plain(told)
        self._talk.system(at, "", raw(text))

    def _take_item(self, at: At, item: dict[str, Any]) -> None:
        block = self._items.take(at, item)
        if self._state.thread.is_inherited:
            return  # its parent set those to work
        if plain(item.get("type")).endswith("_call"):
            self._spawns.take_call(at, item)
        elif block is not None and item.get("type") == "agent_message":
            self._spawns.take_message(at, item, block)
        elif block is not None:
            self._spawns.take_result(at, item, block)

    def _take_totals(self, at: At, payload: dict[str, Any]) -> None:
        """Take a running total, and the rate limit that was reached."""
        told = of_totals(self._state.chain, payload)
        pending = self._state.compaction
        if told is not None and told.context and not told.key and pending is not None:
            self._talk.compaction(pending._replace(after=told.context))
            self._state.compaction = None
        self._settle(at, told)
        limits = part(payload, "rate_limits")
        limited = name_in(limits.get("rate_limit_reached_type"))
        if limited and limited != self._state.limited:
            self._talk.failed(at, RATE_LIMIT)
        self._state.limited = limited

    def _settle(self, at: At, told: Told | None) -> None:
        """Count a request and give the open answer its key."""
        if told is None:
            self._items.close()  # so ends an answer that broke off: another one follows it
            return
        self._state.context = told.context or self._state.context
        if told.key:
            is_last = self._items.settle(told.key, told.reasoning)
            self._state.compaction = None
            if not self._state.thread.is_inherited:
                self._talk.turns.answered(at)
                self._talk.turns.went_on(at, finished=is_last)

    def _take_compaction(self, at: At, payload: dict[str, Any]) -> None:
        """Take a compaction, and the history that takes the place of what came before it."""
        compaction = Compaction(
            at.instant_ms, at.agent, self._state.context or None, None, "", at.offset
        )
        self._talk.compaction(compaction)
        self._state.compaction = compaction
        message, history = plain(payload.get("message")), payload.get("replacement_history")
        kept = history if isinstance(history, list) else []
        kept = [item for item in kept if isinstance(item, dict)]
        if message and not any(message in plain_texts(item.get("content")) for item in kept):
            self._talk.text(at, Part.SUMMARY, message)
        for item in kept:
            self._take_kept(at, item, message)

    def _take_kept(self, at: At, item: dict[str, Any], summary: str) -> None:
        """Take one item that a compaction left: a message from before, or its summary."""
        kind, role = item.get("type"), item.get("role")
        if kind != "message":
            if kind != "additional_tools":
                self._talk.add(at, Part.SUMMARY, raw(plain(item.get("encrypted_content"))), chars=0)
            return
        for text in plain_texts(item.get("content")):
            chosen = part_of(text, is_user=role == "user")
            if role == "assistant":
                chosen = Part.ASSISTANT
            elif text == summary or text.startswith(_SUMMARY):
                chosen = Part.SUMMARY
            self._talk.text(at, chosen, text)


def _is_wanted(line: bytes) -> bool:
    """Tell from a record's first bytes whether it may hold a part of a conversation."""
    second = line.find(b"{", 1)
    kind = type_in(line, 0, second)
    if kind != b"event_msg":
        return not kind or kind in _TAKEN
    event = type_in(line, second, line.find(b"{", second + 1))
    if event == b"item_completed":
        head = line[:_HEAD_BYTES]
        return any(mark in head for mark in _ITEMS)
    return not event or event in _EVENTS
