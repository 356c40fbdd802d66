"""Titles of Qwen Code's sessions, read when the screen asks for one and never stored."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tokwatch.sources.beside import part, plain
from tokwatch.sources.ends import ends_of, object_in
from tokwatch.sources.text import safe_title

_WINDOW: Final = 256 * 1024


def title_of(path: Path) -> str:
    """Return the newest title in the transcript's last part, else its first prompt's words."""
    head, tail = ends_of(path, _WINDOW)
    for line in reversed(tail.split(b"\n")):
        if b'"customTitle"' in line:
            payload = part(object_in(line), "systemPayload")
            if title := safe_title(plain(payload.get("customTitle"))):
                return title
    return _first_words(head)


def _first_words(head: bytes) -> str:
    for line in head.split(b"\n"):
        if b'"user"' not in line:
            continue
        record = object_in(line)
        pieces = part(record, "message").get("parts")
        if record.get("type") == "user" and isinstance(pieces, list):
            words = " ".join(plain(piece.get("text")) for piece in pieces if _is_object(piece))
            if title := safe_title(words):
                return title
    return ""


def _is_object(value: object) -> bool:
    return isinstance(value, dict)
