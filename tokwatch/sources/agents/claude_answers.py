"""The blocks of Claude Code's answers: each once, though a response is several lines."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

from tokwatch.detail import Block, Delegation, Part
from tokwatch.model import response_key
from tokwatch.sources.beside import part, plain
from tokwatch.sources.conversation import (
    At,
    Conversation,
    Thought,
    digest_of,
    encoded,
    hash_of,
    keep,
    raw,
    tokens_of,
)
from tokwatch.sources.counts import count
from tokwatch.sources.subjects import subject_of
from tokwatch.sources.text import safe_name
from tokwatch.sources.troubles import CONTEXT_LENGTH, INTERRUPTED, REFUSED

DELEGATES: Final = ("Task", "Agent")
"""Tools that set a sub-agent to work."""

_OPEN: Final = 16
"""Responses of which more lines may come."""
_RUNNING: Final = 256
"""Delegations that may still end."""
_SYNTHETIC: Final = "<synthetic>"
_GOES_ON: Final = ("tool_use", "pause_turn", "max_tokens")
_STOPS: Final = {"refusal": REFUSED, "model_context_window_exceeded": CONTEXT_LENGTH}


class Response(Struct, array_like=True):
    """What the lines of one response told so far."""

    seen: list[int] = []
    """Its blocks, by what makes each one itself."""
    thinking: list[Thought] = []
    visible: int = 0
    """Estimated tokens of all its other blocks."""
    spoke: bool = False
    """True once it said something to the user."""
    called: bool = False
    """True once it asked for a tool: then its turn goes on."""
    stopped: str = ""
    """Why it failed, once that was told."""


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
        key = response_key(name)
        at = at._replace(request=key)
        response = self._responses.get(key)
        if response is None:
            response = Response()
            keep(self._responses, key, response, _OPEN)
            self._talk.turns.answered(at)
        content = message.get("content")
        if isinstance(content, str):
            content = [{"type": "text", "text": content}]
        for piece in content if isinstance(content, list) else ():
            if isinstance(piece, dict):
                self._take_piece(at, response, piece)
        self._share_thinking(response, part(message, "usage"))
        self._end(at, response, record, plain(message.get("stop_reason")))

    def _take_piece(self, at: At, response: Response, piece: dict[str, Any]) -> None:
        kind, identity = plain(piece.get("type")), plain(piece.get("id"))
        text = plain(piece.get("text"))
        if kind == "text":
            content = raw(text)
        elif kind in ("thinking", "redacted_thinking"):
            self._take_thinking(at, response, piece)
            return
        elif kind.endswith("tool_use"):
            content = encoded(piece.get("input"))
        elif kind.endswith("tool_result"):
            content = encoded(piece.get("content"))
            identity = plain(piece.get("tool_use_id"))
        else:
            return
        if _is_seen(response, kind, raw(identity) or content):
            return
        talk = self._talk
        if kind == "text":
            block = talk.add(at, Part.ASSISTANT, content, chars=len(text))
            response.spoke = True
        elif kind.endswith("tool_use"):
            block = self._take_call(at, response, piece, identity)
        else:
            call = hash_of(identity)
            tool, subject = talk.memory.calls.get(call, ("", 0))
            block = talk.add(at, Part.TOOL_RESULT, content, tool=tool, subject=subject, call=call)
        response.visible += block.tokens

    def _take_call(self, at: At, response: Response, piece: dict[str, Any], identity: str) -> Block:
        """Take a call of a tool; one that sets a sub-agent to work is a delegation too."""
        name, arguments = plain(piece.get("name")), piece.get("input")
        response.called = response.called or piece.get("type") == "tool_use"
        block = self._talk.call(at, name, arguments, identity, subject_of(arguments))
        if name in DELEGATES and block.call and isinstance(arguments, dict):
            kind = safe_name(plain(arguments.get("subagent_type")))
            running = Running(at.instant_ms, at.agent, kind, at.offset)
            keep(self._running, block.call, running, _RUNNING)
            self._talk.delegation(running.told(block.call))
        return block

    def _take_thinking(self, at: At, response: Response, piece: dict[str, Any]) -> None:
        """Take thinking, whose text is mostly left out; its signature is as long as it was."""
        text = plain(piece.get("thinking"))
        mark = plain(piece.get("signature")) or plain(piece.get("data"))
        content = raw(text or mark)
        if not _is_seen(response, "thinking", content):
            tokens = tokens_of(raw(text))
            block = self._talk.add(at, Part.THINKING, content, chars=len(text), tokens=tokens)
            response.thinking.append((block, len(text) + len(mark) or 1))

    def _share_thinking(self, response: Response, usage: dict[str, Any]) -> None:
        """Let thinking have the tokens that usage tells of it, or that its answer leaves."""
        if response.thinking:
            told = count(part(usage, "output_tokens_details").get("thinking_tokens"))
            left = count(usage.get("output_tokens")) - response.visible
            self._talk.share(response.thinking, told or max(0, left))

    def _end(self, at: At, response: Response, record: dict[str, Any], reason: str) -> None:
        """Let the turn go on, end with the answer, or fail."""
        is_cut = record.get("isAbortedMidStream") is True
        trouble = INTERRUPTED if is_cut else _STOPS.get(reason, "")
        if trouble and trouble != response.stopped:
            response.stopped = trouble
            self._talk.failed(at, trouble)
        elif not trouble:
            is_end = response.spoke and not response.called and reason not in _GOES_ON
            self._talk.turns.went_on(at, finished=is_end)


def _is_seen(response: Response, kind: str, content: bytes) -> bool:
    """Tell whether an earlier line of the response had this piece, and remember it."""
    identity = digest_of(raw(kind) + content)
    if identity in response.seen:
        return True
    response.seen.append(identity)
    return False
