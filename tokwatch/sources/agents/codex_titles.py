"""Reads the first words of a Codex thread, for rows on the screen; they are never stored."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from tokwatch.sources.glued import NOT_JSON
from tokwatch.sources.text import safe_title

_WINDOW: Final = 512 * 1024


class _Content(Struct):
    type: str = ""
    text: str = ""


class _Item(Struct):
    type: str = ""
    content: list[_Content] = []


class _Payload(Struct):
    type: str = ""
    message: str = ""
    item: _Item | None = None


class _Line(Struct):
    type: str = ""
    payload: _Payload | None = None


_decode = msgspec.json.Decoder(_Line).decode


def title_of(path: Path) -> str:
    """Return the first words of the first prompt, or "" where there is none."""
    try:
        with path.open("rb") as file:
            head = file.read(_WINDOW)
    except OSError:
        return ""
    for line in head.split(b"\n"):
        if b'"user_message"' not in line and b'"UserMessage"' not in line:
            continue
        try:
            record = _decode(line)
        except NOT_JSON:
            continue
        words = _prompt(record.payload)
        if words:
            return safe_title(words)
    return ""


def _prompt(payload: _Payload | None) -> str:
    """Return the prompt that an event tells of: as a message, or as an item since 0.169."""
    if payload is None:
        return ""
    if payload.type == "user_message":
        return payload.message
    if payload.item is not None and payload.item.type == "UserMessage":
        return next((part.text for part in payload.item.content if part.text), "")
    return ""
