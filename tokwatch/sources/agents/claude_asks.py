"""The blocks of what Claude Code sends: prompts, tool results, memory files, reminders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from tokwatch.model.detail import Part
from tokwatch.sources.agents.claude_answers import Running
from tokwatch.sources.beside import part, plain
from tokwatch.sources.conversation import At, Conversation, hash_of, raw
from tokwatch.sources.images import MOST_TOKENS
from tokwatch.sources.text import name_in, safe_name
from tokwatch.sources.troubles import INTERRUPTED

_INTERRUPTED: Final = "[Request interrupted by user"
_ASIDES: Final = (
    *("<local-command-", "<bash-stdout>", "<bash-stderr>", "<system-reminder>"),
    *("<task-notification>", "<teammate-message", "<user-memory-input>", "[SYSTEM NOTIFICATION"),
)
"""What the tool itself says in the user's place."""
_MEMORY_FILE: Final = re.compile(r"claudeMd|CLAUDE\.md|AGENTS\.md|MEMORY\.md")
_LOOKED_AT: Final = 2000
_UNSEEN: Final = (
    *("prompt_snapshot", "hook_system_message", "command_permissions", "deferred_tools_record"),
    *("hook_cancelled", "hook_non_blocking_error"),
)
"""Attachments that no model sees, unless what was rendered of them is told."""
_SHOWN: Final = (
    *("content", "text", "addedLines", "addedBlocks", "snippet", "prompt", "banner", "context"),
)
"""Fields of an attachment that a model sees, where what was rendered of it is not told."""
_NAMES: Final = ("path", "filename", "displayPath")
_AGENT: Final = re.compile(r"agentId: ([0-9A-Za-z_-]{1,80})")
_CALL: Final = re.compile(r"<tool-use-id>([^<]{1,200})</tool-use-id>")
_RESULT_END: Final = -600
"""A sub-agent's id stands at the end of its report."""
_MOST_DEPTH: Final = 6


class Asks:
    """Takes the user's lines and the attachments of one transcript."""

    def __init__(self, talk: Conversation, running: dict[int, Running]) -> None:
        """Go on with the delegations that the last read left open."""
        self._talk = talk
        self._running = running

    def take(self, at: At, record: dict[str, Any]) -> None:
        """Take a user's line: a prompt, what tools answered, or what the tool itself says."""
        content = part(record, "message").get("content")
        if record.get("isCompactSummary") is True:
            self._talk.text(at, Part.SUMMARY, "".join(_texts(content)))
            return
        pieces = [{"type": "text", "text": content}] if isinstance(content, str) else content
        found = [p for p in pieces if isinstance(p, dict)] if isinstance(pieces, list) else []
        if _is_prompt(record, found):
            self._talk.turns.begin(at)
        is_meta = record.get("isMeta") is True
        skill = self._talk.memory.calls.get(hash_of(plain(record.get("sourceToolUseID"))), ("",))[0]
        for piece in found:
            kind = piece.get("type")
            if kind == "tool_result":
                self._take_result(at, piece, record.get("toolUseResult"))
            elif kind == "text":
                self._take_text(at, plain(piece.get("text")), skill, is_meta=is_meta)
            elif kind in ("image", "document"):
                self._take_picture(at, piece)

    def take_attachment(self, at: At, record: dict[str, Any]) -> None:
        """Take what the tool put into the conversation, as it was rendered for the model."""
        told = part(record, "attachment")
        kind = name_in(told.get("type"))
        rendered = record.get("rendered")
        if rendered is None and kind in _UNSEEN:
            return
        shown = [told.get(name) for name in _SHOWN] if rendered is None else [rendered]
        text = "".join(_texts(shown))
        for data in _pictures(told):
            self._talk.image(at, data, tool=kind)
        if not text:
            return
        if kind == "queued_command" and told.get("commandMode", "prompt") == "prompt":
            self._talk.text(at, Part.USER, text)
            return
        is_memory = "memory" in kind or kind == "session_context"
        name = next((plain(told.get(name)) for name in _NAMES if told.get(name)), "")
        chosen = Part.MEMORY if is_memory else Part.ATTACHMENT
        block = self._talk.text(at, chosen, text, tool=kind, subject=hash_of(name))
        self._take_notice(text, block.tokens)

    def _take_text(self, at: At, text: str, skill: str, *, is_meta: bool) -> None:
        if not text:
            return
        if text.startswith(_INTERRUPTED):
            self._talk.text(at, Part.USER, text)
            self._talk.failed(at, INTERRUPTED)
            return
        chosen = Part.ATTACHMENT if is_meta or text.startswith(_ASIDES) else Part.USER
        if chosen is Part.ATTACHMENT and _MEMORY_FILE.search(text[:_LOOKED_AT]) and not skill:
            chosen = Part.MEMORY
        block = self._talk.text(at, chosen, text, tool=skill)
        self._take_notice(text, block.tokens)

    def _take_result(self, at: At, piece: dict[str, Any], parsed: object) -> None:
        content, identity = piece.get("content"), plain(piece.get("tool_use_id"))
        texts, images = list(_texts(content)), list(_pictures(content))
        is_error = piece.get("is_error") is True
        block = self._talk.result(at, texts, images, identity, is_error=is_error)
        running = self._running.get(call := hash_of(identity))
        if running is None:
            return
        told = parsed if isinstance(parsed, dict) else {}
        named = _AGENT.search("".join(texts)[_RESULT_END:])
        running.child = safe_name(plain(told.get("agentId")) or (named[1] if named else ""))
        if told.get("isAsync") is True or "".join(texts).startswith("Async agent"):
            self._talk.delegation(running.told(call))
        else:
            self._end(call, 0 if block is None else block.tokens)

    def _take_notice(self, text: str, tokens: int) -> None:
        """Take the notice that a sub-agent in the background has come back."""
        if "<task-notification>" in text[:_LOOKED_AT]:
            named = _CALL.search(text[:_LOOKED_AT])
            self._end(hash_of(named[1]) if named else 0, tokens)

    def _end(self, call: int, tokens: int) -> None:
        running = self._running.pop(call, None)
        if running is not None:
            self._talk.delegation(running.told(call, tokens))

    def _take_picture(self, at: At, piece: dict[str, Any]) -> None:
        """Take an image, or a document: of text as text, else as an image of unknown size."""
        source = part(piece, "source")
        if source.get("type") == "text":
            self._talk.text(at, Part.USER, plain(source.get("data")))
            return
        data = plain(source.get("data"))
        if piece.get("type") == "document":
            self._talk.add(at, Part.IMAGE, raw(data), chars=0, tokens=MOST_TOKENS)
        else:
            self._talk.image(at, data or plain(source.get("url")))


def _is_prompt(record: dict[str, Any], pieces: list[dict[str, Any]]) -> bool:
    """Tell whether a user's line is a message of the user, not of a tool."""
    if record.get("isMeta") is True or record.get("promptSource") == "system":
        return False
    origin = part(record, "origin").get("kind")
    if origin not in (None, "human") or not pieces:
        return False
    if any(piece.get("type") == "tool_result" for piece in pieces):
        return False
    texts = [plain(piece.get("text")) for piece in pieces if piece.get("type") == "text"]
    aside = (*_ASIDES, _INTERRUPTED)
    return not texts or not all(text.startswith(aside) for text in texts)


def _texts(content: object, depth: int = 0) -> Iterator[str]:
    """Yield the texts of a content, however it is wrapped."""
    if isinstance(content, str):
        yield content
    elif depth < _MOST_DEPTH:
        if isinstance(content, list):
            for piece in content:
                yield from _texts(piece, depth + 1)
        elif isinstance(content, dict):
            yield from _texts_of_object(content, depth)


def _texts_of_object(found: dict[str, Any], depth: int) -> Iterator[str]:
    if found.get("type") in ("image", "document"):
        return
    for name in ("text", "content", "file"):
        if name in found:
            yield from _texts(found[name], depth + 1)
            return
    if found.get("type") == "tool_reference":
        yield plain(found.get("tool_name"))
    elif "type" not in found:
        for value in found.values():
            yield from _texts(value, depth + 1)


def _pictures(content: object, depth: int = 0) -> Iterator[str]:
    """Yield the images of a content in base64."""
    if depth >= _MOST_DEPTH:
        return
    if isinstance(content, list):
        for piece in content:
            yield from _pictures(piece, depth + 1)
    elif isinstance(content, dict):
        if content.get("type") in ("image", "document"):
            source = part(content, "source") or part(content, "file")
            yield plain(source.get("data")) or plain(source.get("base64"))
        elif isinstance(content.get("content"), list | dict):
            yield from _pictures(content["content"], depth + 1)
