"""Reads a Claude Code session's title from its log, for rows on the screen; it is never stored."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from tokwatch.sources.ends import ends_of
from tokwatch.sources.glued import NOT_JSON
from tokwatch.sources.text import safe_title

_WINDOW: Final = 256 * 1024


class _Body(Struct):
    content: object = None


class _Titled(Struct):
    type: str = ""
    aiTitle: str = ""
    customTitle: str = ""
    summary: str = ""
    isMeta: bool = False
    isSidechain: bool = False
    message: _Body | None = None


_decode = msgspec.json.Decoder(_Titled).decode


def title_of(path: Path) -> str:
    """Return the newest title in the log's last part, else the first words of its first prompt."""
    head, tail = ends_of(path, _WINDOW)
    for line in reversed(tail.split(b"\n")):
        if b'itle"' in line[:4096] or b'"summary"' in line[:4096]:
            record = _record(line)
            title = record and (record.customTitle or record.aiTitle or record.summary)
            if title:
                return safe_title(title)
    return _first_words(head)


def _record(line: bytes) -> _Titled | None:
    try:
        return _decode(line)
    except NOT_JSON:
        return None


def _first_words(head: bytes) -> str:
    for line in head.split(b"\n"):
        if b'"user"' not in line:
            continue
        record = _record(line)
        if record is None or record.type != "user" or record.isMeta or record.message is None:
            continue
        text = _plain(record.message.content)
        if text and not text.startswith("<"):
            return safe_title(text)
    return ""


def _plain(content: object) -> str:
    """Return the text of a message's content, which is a text or a list of blocks."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        for block in content:
            if isinstance(block, dict) and isinstance(block.get("text"), str):
                return str(block["text"])
    return ""
