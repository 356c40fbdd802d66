"""Reads the first words of a Codex thread, for rows on the screen; they are never stored."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from tokwatch.sources.glued import NOT_JSON
from tokwatch.sources.text import safe_title

_WINDOW: Final = 512 * 1024


class _Payload(Struct):
    type: str = ""
    message: str = ""


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
        if b'"user_message"' not in line:
            continue
        try:
            record = _decode(line)
        except NOT_JSON:
            continue
        if record.payload is not None and record.payload.type == "user_message":
            return safe_title(record.payload.message)
    return ""
