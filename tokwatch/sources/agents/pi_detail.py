"""Reads what the requests of a session of pi, its forks or OpenClaw are made of.

docs/detail.md has the rules. Its requests are those that `pi_records.py` finds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from tokwatch.model.detail import Compaction, Detail, Part
from tokwatch.sources.agents.pi_records import Entries, State, owner_of
from tokwatch.sources.answering import Response, answer_of
from tokwatch.sources.beside import part, plain
from tokwatch.sources.conversation import At, Conversation, Memory, hash_of, keep
from tokwatch.sources.counts import count, instant_ms
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.pieces import images_of, take_asked, take_said, texts_of
from tokwatch.sources.records import Records
from tokwatch.sources.text import safe_name
from tokwatch.sources.troubles import INTERRUPTED, status_in, trouble_of

_REMEMBERED: Final = 2_000
"""Entries at which a compaction may begin to keep."""


class TalkState(Struct, array_like=True):
    """What the next entries of the same session need to know."""

    memory: Memory = field(default_factory=Memory)
    responses: dict[int, Response] = {}
    entries: dict[int, int] = {}
    """Number of the first block of each of the latest entries, by its id."""
    usage: State = field(default_factory=State)


_decode_state = msgspec.msgpack.Decoder(TalkState).decode


def read_detail(source: str, log: LogFile, state: bytes) -> Detail:
    """Read the detail of the lines behind the last read."""
    kept = _decode_state(state) if state else TalkState()
    agent = safe_name(log.path.stem) if owner_of(log.path, log.root) else ""
    talk = Conversation(kept.memory)
    taker = Talk(talk, source, kept, agent)
    for offset, entry in Records(log.lines):
        taker.take(offset, entry)
    return talk.detail(msgspec.msgpack.encode(kept))


class Talk:
    """Takes the entries of one session in their order."""

    def __init__(self, talk: Conversation, source: str, state: TalkState, agent: str) -> None:
        """Go on from a state; a sub-agent's entries are told as its own."""
        self._talk = talk
        self._state = state
        self._agent = agent
        self._usage = Entries(source, state.usage)

    def take(self, offset: int, entry: dict[str, Any]) -> None:
        """Take one entry."""
        state, kind = self._state, plain(entry.get("type"))
        self._usage.sightings.clear()
        self._usage.take(offset, entry)
        key = next(iter(self._usage.sightings), 0)
        moment = instant_ms(entry.get("timestamp")) or state.memory.last_ms
        state.memory.last_ms = max(state.memory.last_ms, moment)
        before = state.memory.blocks
        if take := _TAKERS.get(kind):
            take(self, At(moment, self._agent, offset, key), entry)
        if identity := hash_of(plain(entry.get("id"))):
            keep(state.entries, identity, before, _REMEMBERED)

    def _take_message(self, at: At, entry: dict[str, Any]) -> None:
        message = part(entry, "message")
        content, asked = message.get("content"), at._replace(request=0)
        match message.get("role"):
            case "assistant":
                self._take_answer(at, message)
            case "user" | "developer":
                take_asked(self._talk, asked, content)
            case "toolResult" | "tool":
                self._take_result(asked, message)
            case "bashExecution" if message.get("excludeFromContext") is not True:
                shown = f"{plain(message.get('command'))}\n{plain(message.get('output'))}"
                self._add(asked, Part.ATTACHMENT, shown)
            case "custom" | "hookMessage" | "fileMention":
                self._add(asked, Part.ATTACHMENT, "".join(texts_of(content)))
            case "compactionSummary" | "branchSummary":
                self._add(asked, Part.SUMMARY, plain(message.get("summary")))

    def _take_answer(self, at: At, message: dict[str, Any]) -> None:
        usage, reason = part(message, "usage"), message.get("stopReason")
        answer = answer_of(self._talk, self._state.responses, at)
        take_said(answer, message.get("content"))
        reasoning = count(usage.get("reasoning")) or count(usage.get("reasoningTokens"))
        answer.size(reasoning, count(usage.get("output")))
        if reason == "aborted":
            answer.end(INTERRUPTED)
        elif reason == "error":
            told = plain(message.get("errorMessage"))
            status = status_in(told)
            self._talk.failed(at, trouble_of(status, told), status)
        else:
            answer.end(goes_on=reason in ("toolUse", "length", "pending"))

    def _take_result(self, at: At, message: dict[str, Any]) -> None:
        content = message.get("content")
        identity = plain(message.get("toolCallId")) or plain(message.get("toolUseId"))
        told = (list(texts_of(content)), list(images_of(content)), identity)
        self._talk.result(at, *told, is_error=message.get("isError") is True)

    def _take_compaction(self, at: At, entry: dict[str, Any]) -> None:
        """Take a compaction, and the summary that takes the place of what came before it."""
        kept = self._state.entries.get(hash_of(plain(entry.get("firstKeptEntryId"))))
        before = count(entry.get("tokensBefore")) or None
        # Its own request, where there is one, is of the context before.
        moment = at.instant_ms + bool(at.request)
        self._talk.compaction(Compaction(moment, at.agent, before, None, "", at.offset, kept))
        self._add(at._replace(request=0), Part.SUMMARY, plain(entry.get("summary")))

    def _take_branch(self, at: At, entry: dict[str, Any]) -> None:
        self._add(at._replace(request=0), Part.SUMMARY, plain(entry.get("summary")))

    def _take_custom(self, at: At, entry: dict[str, Any]) -> None:
        text = "".join(texts_of(entry.get("content")))
        self._add(at._replace(request=0), Part.ATTACHMENT, text)

    def _add(self, at: At, sort: Part, text: str) -> None:
        if text.strip():
            self._talk.text(at, sort, text)


_TAKERS: Final[Mapping[str, Callable[[Talk, At, dict[str, Any]], None]]] = {
    "message": Talk._take_message,
    "compaction": Talk._take_compaction,
    "branch_summary": Talk._take_branch,
    "custom_message": Talk._take_custom,
}
"""By kind of record. Bound to a reader they would be a cycle, thrown away with each read."""
