"""The blocks of Claude Code's answers: each once, though a response is several lines."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

from tokwatch.model.detail import Delegation
from tokwatch.model.event import response_key
from tokwatch.sources.answering import Answer, Response, answer_of
from tokwatch.sources.beside import part, plain
from tokwatch.sources.conversation import At, Conversation, encoded, keep
from tokwatch.sources.counts import count
from tokwatch.sources.pieces import pieces_of
from tokwatch.sources.text import name_in
from tokwatch.sources.troubles import CONTEXT_LENGTH, INTERRUPTED, REFUSED

DELEGATES: Final = ("Task", "Agent")
"""Tools that set a sub-agent to work."""

_RUNNING: Final = 256
"""Delegations that may still end."""
_SYNTHETIC: Final = "<synthetic>"
_GOES_ON: Final = ("tool_use", "pause_turn", "max_tokens")
_STOPS: Final = {"refusal": REFUSED, "model_context_window_exceeded": CONTEXT_LENGTH}


class Running(Struct, array_like=True):
    """A delegation that has not come back."""

    begin_ms: int
    parent: str
    kind: str
    offset: int
    child: str = ""

    def told(self, call: int, tokens: int = 0) -> Delegation:
        """Return what is known of it."""
        return Delegation(
            *(self.begin_ms, self.parent, self.child, self.kind, tokens, self.offset, call)
        )


class Answers:
    """Takes the assistant's lines of one transcript."""

    def __init__(
        self,
        talk: Conversation,
        responses: dict[int, Response],
        log_name: str,
        running: dict[int, Running],
    ) -> None:
        """Go on with the responses and the delegations that the last read left open."""
        self._talk = talk
        self._responses = responses
        self._log_name = log_name
        self._running = running

    def take(self, at: At, record: dict[str, Any]) -> None:
        """Take one line of a response: what it holds beyond the lines before it."""
        message = part(record, "message")
        if message.get("model") == _SYNTHETIC:
            return
        name = plain(message.get("id")) or f"{self._log_name}:{at.offset}"
        at = at._replace(request=response_key(name))
        answer = answer_of(self._talk, self._responses, at)
        for piece in pieces_of(message.get("content")):
            self._take_piece(answer, piece)
        usage = part(message, "usage")
        told = count(part(usage, "output_tokens_details").get("thinking_tokens"))
        answer.size(told, count(usage.get("output_tokens")))
        reason, is_cut = plain(message.get("stop_reason")), record.get("isAbortedMidStream") is True
        trouble = INTERRUPTED if is_cut else _STOPS.get(reason, "")
        answer.end(trouble, goes_on=reason in _GOES_ON)

    def _take_piece(self, answer: Answer, piece: dict[str, Any]) -> None:
        kind, identity = plain(piece.get("type")), plain(piece.get("id"))
        if kind == "text":
            answer.text(plain(piece.get("text")))
        elif kind in ("thinking", "redacted_thinking"):
            # Its text is mostly left out; the signature is as long as it was.
            mark = plain(piece.get("signature")) or plain(piece.get("data"))
            answer.thought(plain(piece.get("thinking")), mark)
        elif kind.endswith("tool_use"):
            self._take_call(answer, piece, identity)
        elif kind.endswith("tool_result"):
            answer.served(encoded(piece.get("content")), plain(piece.get("tool_use_id")))

    def _take_call(self, answer: Answer, piece: dict[str, Any], identity: str) -> None:
        """Take a call of a tool; one that sets a sub-agent to work is a delegation too."""
        name, arguments, at = plain(piece.get("name")), piece.get("input"), answer.at
        is_served = piece.get("type") != "tool_use"
        block = answer.call(name, arguments, identity, is_served=is_served)
        if block is not None and block.call and name in DELEGATES and isinstance(arguments, dict):
            kind = name_in(arguments.get("subagent_type"))
            running = Running(at.instant_ms, at.agent, kind, at.offset)
            keep(self._running, block.call, running, _RUNNING)
            self._talk.delegation(running.told(block.call))
