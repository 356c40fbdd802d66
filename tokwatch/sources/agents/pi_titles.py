"""Reads the name of a pi session, or its first words, for rows on the screen; never stored."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from tokwatch.sources.agents.documents import first_text
from tokwatch.sources.beside import fields
from tokwatch.sources.ends import ends_of, object_in
from tokwatch.sources.text import safe_title

_WINDOW: Final = 512 * 1024
_NAMING: Final = (b'"session_info"', b'"title"', b'"title_change"')


def title_of(path: Path) -> str:
    """Return the last name that was given to a session, else the first prompt's words."""
    head, tail = ends_of(path, _WINDOW)
    lines = [*head.splitlines(), *tail.splitlines()]
    names = [name for entry in _entries(lines, _NAMING) if (name := _name(entry))]
    if names:
        return names[-1]
    return first_words(_entries(lines, (b'"user"',)))


def first_words(entries: Iterable[dict[str, Any]]) -> str:
    """Return the words of the first prompt among a session's entries."""
    for entry in entries:
        message = fields(entry.get("message"))
        if message.get("role") == "user" and (words := first_text(message.get("content"))):
            return safe_title(words)
    return ""


def _entries(lines: Iterable[bytes], marks: tuple[bytes, ...]) -> Iterable[dict[str, Any]]:
    for line in lines:
        if any(mark in line for mark in marks):
            yield object_in(line)


def _name(entry: dict[str, Any]) -> str:
    """Return the name that an entry gives the session: pi's, or Oh My Pi's title."""
    kind = entry.get("type")
    name = entry.get("name") if kind == "session_info" else entry.get("title")
    known = kind in ("session_info", "title", "title_change", "session")
    return safe_title(name) if known and isinstance(name, str) else ""
