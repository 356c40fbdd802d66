"""Logs that are one JSON document, written anew at each change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import msgspec

from tokwatch.sources.glued import NOT_JSON

_LARGEST: Final = 64 << 20
_PADDING: Final = " \t\r\n\0\ufeff"

_decode: Final = msgspec.json.Decoder().decode
_decode_first: Final = json.JSONDecoder().raw_decode


def document_of(content: bytes) -> Any:  # any JSON value
    """Return the first JSON value of a log, whatever trails it; None where there is none."""
    try:
        return _decode(content)
    except NOT_JSON:
        text = content.decode("utf-8", "replace").lstrip(_PADDING)
    try:
        return _decode_first(text)[0]
    except (ValueError, RecursionError):
        return None


def document_at(path: Path) -> Any:  # any JSON value
    """Return the document in a file; None where there is none or it is too large."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError:
        return None
    return document_of(content) if len(content) <= _LARGEST else None


def objects_in(value: object) -> list[tuple[int, dict[str, Any]]]:
    """Return the objects of an array, each with its index; none where it is no array."""
    entries = value if isinstance(value, list) else []
    return [(index, entry) for index, entry in enumerate(entries) if isinstance(entry, dict)]


def first_text(content: object) -> str:
    """Return the first text of a message's content: a string, or a list of blocks."""
    if isinstance(content, str):
        return content
    texts = (block.get("text") for _, block in objects_in(content))
    return next((text for text in texts if isinstance(text, str) and text.strip()), "")
