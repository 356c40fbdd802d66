"""Takes apart lines that hold no single JSON record: glued records, NUL padding, torn ones."""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

NOT_JSON: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding one line as one record of the expected types may raise."""

_DECODER: Final = json.JSONDecoder()
_PADDING: Final = " \t\r\n\0\ufeff"


def objects_of(line: bytes) -> tuple[bool, list[tuple[int, dict[str, Any]]]]:
    """Return whether the whole line was understood, and the objects in it up to the first fault.

    Two records whose newline was lost are still two records; each has its offset in the line.
    Blank and NUL-padded lines hold none.
    """
    text = line.decode("utf-8", "replace")
    found: list[tuple[int, dict[str, Any]]] = []
    position = 0
    while (position := _past_padding(text, position)) < len(text):
        start = position
        try:
            value, position = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            return False, found
        if isinstance(value, dict):
            found.append((len(text[:start].encode()), value))
    return True, found


def _past_padding(text: str, position: int) -> int:
    return len(text) - len(text[position:].lstrip(_PADDING))
