"""The blocks of a rollout's response items: messages, reasoning, calls of tools and answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from tokwatch.model.detail import Block, Part
from tokwatch.sources.beside import plain
from tokwatch.sources.conversation import At, Conversation, Thought, decoded, encoded, hash_of, raw
from tokwatch.sources.pieces import plain_texts
from tokwatch.sources.subjects import subject_of
from tokwatch.sources.text import name_in

_MEMORY: Final = ("# AGENTS.md", "<user_instructions>", "<INSTRUCTIONS>")
_ASIDE: Final = re.compile(
    r"<(environment_context|permissions|skills?|turn_aborted|subagent_notification|user_shell"
    r"|collaboration_mode|model_switch|hook|apps?|plugins?)\b"
)
"""What the tool itself says in the user's place."""
_CALLS: Final = {
    "function_call": "arguments",
    "custom_tool_call": "input",
    "local_shell_call": "action",
    "tool_search_call": "arguments",
    "web_search_call": "action",
    "image_generation_call": "revised_prompt",
}
"""Kinds of calls, and where each keeps its arguments."""
_RESULTS: Final = ("function_call_output", "custom_tool_call_output", "tool_search_output")
_PATCHED: Final = re.compile(r"^\*\*\* (?:Update|Add|Delete) File: (.{1,1000})$", re.MULTILINE)
_RUN: Final = re.compile(r'"?cmd"?: *("(?:[^"\\]|\\.)*")')
_FAILED: Final = re.compile(r'(?:exited with code|Exit code:|"exit_code":) *[1-9-]')
_LOOKED_AT: Final = 400


class Response(Struct, array_like=True):
    """The items of an answer, until the record of its usage names its request."""

    blocks: list[Block] = []
    thinking: list[Thought] = []
    closed: bool = False
    """True once something else came: a further item is of another answer."""


class Items:
    """Takes the response items of one rollout."""

    def __init__(self, talk: Conversation, response: Response) -> None:
        """Go on with the answer that the last read left open."""
        self._talk = talk
        self.response = response

    def take(self, at: At, item: dict[str, Any]) -> Block | None:
        """Take one item; return the block of a result of a tool."""
        kind = plain(item.get("type"))
        if kind == "message":
            self._take_message(at, item)
        elif kind == "reasoning":
            self._take_reasoning(at, item)
        elif kind in _CALLS:
            self._answer(self._take_call(at, kind, item))
        elif kind in _RESULTS:
            self.close()
            return self._take_result(at, kind, item)
        elif kind == "additional_tools":
            self.close()
            self._take_tools(at, item)
        elif kind == "agent_message":
            self.close()
            text = "".join(plain_texts(item.get("content")))
            return self._talk.text(at, Part.ATTACHMENT, text, tool=kind)
        elif kind.startswith("compaction"):
            self._talk.add(at, Part.SUMMARY, raw(plain(item.get("encrypted_content"))), chars=0)
        return None

    def settle(self, key: int, reasoning: int) -> bool:
        """Give the open answer its request and its thinking the tokens that usage tells.

        Return whether it may have been its turn's last: it said something, and called no tool.
        """
        response = self.response
        parts = {block.part for block in response.blocks}
        for block in response.blocks:
            self._talk.put(block._replace(request=key))
        thoughts = [(block._replace(request=key), weight) for block, weight in response.thinking]
        for thought, _ in thoughts:
            self._talk.put(thought)
        self._talk.share(thoughts, reasoning)
        self._renew()
        return parts == {Part.ASSISTANT}

    def rename(self, identity: str, tool: str) -> None:
        """Learn which server's tool a call was of."""
        call, calls = hash_of(identity), self._talk.memory.calls
        known, subject = calls.get(call, ("", 0))
        if not call or known.startswith("mcp__"):
            return
        if call in calls:
            calls[call] = (tool, subject)
        for place, block in enumerate(self.response.blocks):
            if block.call == call and block.part is Part.TOOL_CALL:
                self.response.blocks[place] = block._replace(tool=tool)
                self._talk.put(self.response.blocks[place])

    def _answer(self, block: Block, weight: int = 0) -> None:
        """Count a block to the open answer, or to the next one."""
        if self.response.closed:
            self._renew()
        if block.part is Part.THINKING:
            self.response.thinking.append((block, weight))
        else:
            self.response.blocks.append(block)

    def close(self) -> None:
        """Close the open answer: what comes is sent with the next request."""
        self.response.closed = bool(self.response.blocks or self.response.thinking)

    def _renew(self) -> None:
        self.response.blocks, self.response.thinking = [], []
        self.response.closed = False

    def _take_message(self, at: At, item: dict[str, Any]) -> None:
        role, content = item.get("role"), item.get("content")
        if role == "assistant":
            self._answer(self._talk.text(at, Part.ASSISTANT, "".join(plain_texts(content))))
            return
        self.close()
        for text in plain_texts(content):
            self._talk.text(at, part_of(text, is_user=role == "user"), text)
        for data in images(content):
            self._talk.image(at, data)

    def _take_reasoning(self, at: At, item: dict[str, Any]) -> None:
        """Take reasoning, which is encrypted: what is told of it is less than what it costs."""
        text = "".join(plain_texts(item.get("summary"))) + "".join(plain_texts(item.get("content")))
        mark = plain(item.get("encrypted_content"))
        block = self._talk.add(at, Part.THINKING, raw(mark or text), chars=len(text), tokens=0)
        self._answer(block, len(mark) + len(text) or 1)

    def _take_call(self, at: At, kind: str, item: dict[str, Any]) -> Block:
        arguments = item.get(_CALLS[kind])
        name = plain(item.get("name")) or kind.removesuffix("_call")
        space = plain(item.get("namespace"))
        if space.startswith("mcp__"):
            name = f"{space}__{name.lstrip('_')}"
        identity = plain(item.get("call_id")) or plain(item.get("id"))
        return self._talk.call(at, name, arguments, identity, _subject_of(arguments))

    def _take_result(self, at: At, kind: str, item: dict[str, Any]) -> Block | None:
        output = item.get("tools" if kind == "tool_search_output" else "output")
        if isinstance(output, dict) and "content" in output:
            output = output["content"]
        told = list(plain_texts(output)) or ([encoded(output).decode()] if output else [])
        is_error = bool(_FAILED.search("".join(told)[:_LOOKED_AT]))
        identity = plain(item.get("call_id"))
        return self._talk.result(at, told, list(images(output)), identity, is_error=is_error)

    def _take_tools(self, at: At, item: dict[str, Any]) -> None:
        """Take the definitions of tools, each of its own name."""
        tools = item.get("tools")
        for tool in tools if isinstance(tools, list) else ():
            name = name_in(tool.get("name")) if isinstance(tool, dict) else ""
            if name:
                self._talk.system(at, name, encoded(tool))


def part_of(text: str, *, is_user: bool) -> Part:
    """Return what sort of text a message that is no answer holds."""
    if text.startswith(_MEMORY):
        return Part.MEMORY
    return Part.ATTACHMENT if not is_user or _ASIDE.match(text) else Part.USER


def images(content: object) -> Iterator[str]:
    """Yield the images of a content."""
    for piece in content if isinstance(content, list) else ():
        if isinstance(piece, dict) and piece.get("type") == "input_image":
            yield plain(piece.get("image_url"))


def _subject_of(arguments: object) -> int:
    """Return the hash of the file or command of a call, also of one wrapped in code."""
    if not isinstance(arguments, str):
        return subject_of(arguments)
    if patched := _PATCHED.search(arguments):
        return hash_of(patched[1].strip())
    found = decoded(arguments)
    if found is None:
        run = _RUN.search(arguments)
        found = decoded(run[1]) if run else arguments
    return subject_of(found if isinstance(found, dict) else {"command": found})
