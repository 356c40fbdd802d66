"""A model's answer as its records tell it: each piece once, its thinking sized by its usage."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from tokwatch.model.detail import Block, Part
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
from tokwatch.sources.subjects import subject_of

OPEN: Final = 16
"""Answers of which more records may come."""


class Response(Struct, array_like=True):
    """What the records of one answer told so far."""

    seen: list[int] = []
    """Its pieces, by what makes each one itself."""
    thinking: list[Thought] = []
    visible: int = 0
    """Estimated tokens of all its other blocks."""
    spoke: bool = False
    """True once it said something to the user."""
    called: bool = False
    """True once it asked for a tool: then its turn goes on."""
    stopped: str = ""
    """Why it failed, once that was told."""
    blocks: list[Block] = []
    """Those that wait for the request that they belong to; thinking is apart."""


class Answer:
    """Takes the pieces that one record tells of an answer."""

    def __init__(self, talk: Conversation, at: At, response: Response) -> None:
        """Go on with what earlier records told of it.

        Where `at` names no request, its blocks wait for `settle`.
        """
        self.at = at
        self.response = response
        self.talk = talk
        self._before = frozenset(response.seen)

    def is_new(self, kind: str, content: bytes) -> bool:
        """Tell whether no earlier record had this piece, and remember it."""
        identity = digest_of(raw(kind) + content)
        if identity in self._before:
            return False
        self.response.seen.append(identity)
        return True

    def text(self, text: str) -> None:
        """Take what it says to the user."""
        content = raw(text)
        if text and self.is_new("text", content):
            self.response.spoke = True
            self._show(self.talk.add(self.at, Part.ASSISTANT, content, chars=len(text)))

    def thought(self, text: str, mark: str = "") -> None:
        """Take thinking; a mark in its text's place is as long as that was."""
        content = raw(text or mark)
        if content and self.is_new("thinking", content):
            tokens = tokens_of(raw(text))
            block = self.talk.add(self.at, Part.THINKING, content, chars=len(text), tokens=tokens)
            self.response.thinking.append((block, len(text) + len(mark) or 1))

    def call(
        self,
        tool: str,
        arguments: object,
        identity: str,
        subject: int | None = None,
        *,
        is_served: bool = False,
    ) -> Block | None:
        """Take a call of a tool, and return its block; None where it was told before.

        One that the provider itself serves does not make the turn go on.
        """
        self.response.called = self.response.called or not is_served
        if not self.is_new("call", raw(identity) or raw(tool) + encoded(arguments)):
            return None
        about = subject_of(arguments) if subject is None else subject
        return self._show(self.talk.call(self.at, tool, arguments, identity, about))

    def served(self, content: bytes, identity: str) -> None:
        """Take what the provider's own tool answered, within the answer."""
        if self.is_new("served", raw(identity) or content):
            call = hash_of(identity)
            tool, subject = self.talk.memory.calls.get(call, ("", 0))
            self._show(
                self.talk.add(
                    self.at, Part.TOOL_RESULT, content, tool=tool, subject=subject, call=call
                )
            )

    def size(self, reasoning: int, output: int) -> None:
        """Let thinking have the tokens that usage tells of it, or that its answer leaves."""
        response = self.response
        if response.thinking:
            self.talk.share(response.thinking, reasoning or max(0, output - response.visible))

    def end(self, trouble: str = "", *, goes_on: bool = False) -> None:
        """Let the turn go on, end with the answer, or fail."""
        response = self.response
        if trouble and trouble != response.stopped:
            response.stopped = trouble
            self.talk.failed(self.at, trouble)
        elif not trouble:
            is_end = response.spoke and not response.called and not goes_on
            self.talk.turns.went_on(self.at, finished=is_end)

    def settle(self, key: int, reasoning: int = 0, output: int = 0) -> None:
        """Give all that waited the request that it belongs to, which is counted."""
        response, at = self.response, self.at._replace(request=key)
        self.talk.turns.answered(at)
        for block in response.blocks:
            self.talk.put(block._replace(request=key))
        response.blocks = []
        response.thinking = [(one._replace(request=key), size) for one, size in response.thinking]
        for thought, _ in response.thinking:
            self.talk.put(thought)
        self.at = at
        self.size(reasoning, output)

    def _show(self, block: Block) -> Block:
        self.response.visible += block.tokens
        if not self.at.request:
            self.response.blocks.append(block)
        return block


def answer_of(talk: Conversation, responses: dict[int, Response], at: At, name: int = 0) -> Answer:
    """Return the answer that a record tells of, by its request or another name.

    One that is not known yet is counted to its turn.
    """
    name = name or at.request
    response = responses.get(name)
    if response is None:
        response = Response()
        talk.turns.answered(at)
        if name:
            keep(responses, name, response, OPEN)
    return Answer(talk, at, response)
