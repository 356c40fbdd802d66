"""Titles of Gemini CLI's sessions, and how long it keeps them; titles are never stored."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from tokwatch.sources.beside import part, plain, read_object
from tokwatch.sources.ends import ends_of, object_in
from tokwatch.sources.text import safe_title

_WINDOW: Final = 512 * 1024


def title_of(path: Path) -> str:
    """Return the newest summary in the chat's last part, else the first words of a prompt."""
    if path.suffix == ".json":
        found = read_object(path)
        messages = found.get("messages")
        words = _first_words(messages if isinstance(messages, list) else ())
        return safe_title(plain(found.get("summary"))) or words
    head, tail = ends_of(path, _WINDOW)
    for line in reversed(tail.split(b"\n")):
        if b'"summary"' in line:
            record = object_in(line)
            title = safe_title(plain(part(record, "$set").get("summary") or record.get("summary")))
            if title:
                return title
    return _first_words(_prompts(head))


def retention(folder: Path) -> str:
    """Return in words when chats below a `tmp` folder are deleted; "" where they are kept."""
    if not os.path.isdir(folder):
        return ""
    settings = folder.parent / "settings.json"
    rule = part(part(read_object(settings), "general"), "sessionRetention")
    if rule.get("enabled") is False:
        return ""
    age = safe_title(plain(rule.get("maxAge"))) or "30d"
    return (
        f"Gemini CLI deletes chats older than {age}; tokwatch keeps what it has read."
        f' "general.sessionRetention" in {settings} sets another age'
    )


def _prompts(head: bytes) -> Iterator[dict[str, Any]]:
    for line in head.split(b"\n"):
        if b'"user"' in line:
            yield object_in(line)


def _first_words(messages: Iterable[object]) -> str:
    for message in messages:
        if isinstance(message, dict) and message.get("type") == "user":
            words = _text(message.get("displayContent")) or _text(message.get("content"))
            # What the tool itself says first is in a tag of its own; "/" begins a command.
            if words and not words.startswith(("<", "/")):
                return words
    return ""


def _text(content: object) -> str:
    """Return the text of a message, which is a text, a part or a list of parts."""
    if isinstance(content, dict):
        content = [content]
    if isinstance(content, list):
        content = " ".join(plain(piece.get("text")) for piece in content if isinstance(piece, dict))
    return safe_title(plain(content))
