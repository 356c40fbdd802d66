"""Titles of Qwen Code's sessions, read when the screen asks for one and never stored."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import msgspec

from tokwatch.sources.beside import part, plain
from tokwatch.sources.glued import NOT_JSON
from tokwatch.sources.text import safe_title

_WINDOW: Final = 256 * 1024


def title_of(path: Path) -> str:
    """Return the newest title in the transcript's last part, else its first prompt's words."""
    try:
        with path.open("rb") as file:
            head = file.read(_WINDOW)
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _WINDOW))
            tail = file.read(_WINDOW)
    except OSError:
        return ""
    for line in reversed(tail.split(b"\n")):
        if b'"customTitle"' in line:
            payload = part(_record(line), "systemPayload")
            if title := safe_title(plain(payload.get("customTitle"))):
                return title
    return _first_words(head)


def _first_words(head: bytes) -> str:
    for line in head.split(b"\n"):
        if b'"user"' not in line:
            continue
        record = _record(line)
        pieces = part(record, "message").get("parts")
        if record.get("type") == "user" and isinstance(pieces, list):
            words = " ".join(plain(piece.get("text")) for piece in pieces if _is_object(piece))
            if title := safe_title(words):
                return title
    return ""


def _record(line: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(line)
    except NOT_JSON:
        return {}
    return found if isinstance(found, dict) else {}


def _is_object(value: object) -> bool:
    return isinstance(value, dict)
