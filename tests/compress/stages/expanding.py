"""Reads JSON with tables back: what the stage `tables` writes must mean what it meant."""

from __future__ import annotations

import json
import re
from typing import Any, Final  # Any: JSON values

_BARE: Final = re.compile(r"[A-Za-z_][\w.-]*")
_HEAD: Final = re.compile(r"\[(\d+)\]\{")


def expanded(text: str) -> Any:
    """Return the values of JSON with tables."""
    value, end = _read(text, 0)
    assert not text[end:].strip()
    return value


def _read(text: str, at: int) -> tuple[Any, int]:
    """Return the value that begins there, and where it ends."""
    head = _HEAD.match(text, at)
    if head:
        return _table(text, head.end(), int(head[1]))
    if text[at] in "[{":
        return _container(text, at)
    return json.JSONDecoder().raw_decode(text, at)


def _table(text: str, at: int, count: int) -> tuple[list[dict[str, Any]], int]:
    keys = []
    while text[at - 1] != "}":
        bare = _BARE.match(text, at)
        if bare:
            key, at = bare[0], bare.end()
        else:
            key, at = json.JSONDecoder().raw_decode(text, at)
        keys.append(key)
        at += 1
    rows = []
    at += 1
    for _ in range(count):
        row = {}
        for key in keys:
            row[key], at = _read(text, at + 1)
        rows.append(row)
    return rows, at


def _container(text: str, at: int) -> tuple[Any, int]:
    """Return an object or a list that is written without blanks."""
    closing = "]" if text[at] == "[" else "}"
    found: list[Any] = []
    at += 1
    while text[at] != closing:
        at += text[at] == ","
        key = None
        if closing == "}":
            key, at = json.JSONDecoder().raw_decode(text, at)
            at += 1
        value, at = _read(text, at)
        found.append(value if closing == "]" else (key, value))
    return (found if closing == "]" else dict(found)), at + 1
