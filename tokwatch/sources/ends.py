"""The first and the last part of a log, for titles: what lies between is never read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from tokwatch.sources.glued import NOT_JSON

_decode = msgspec.json.Decoder().decode


def ends_of(path: Path, most: int) -> tuple[bytes, bytes]:
    """Return so many of a log's first and last bytes; nothing where it cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(most)
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - most))
            return head, file.read(most)
    except OSError:
        return b"", b""


def object_in(line: bytes) -> dict[str, Any]:
    """Return the JSON object in a line; an empty one where there is none."""
    try:
        found = _decode(line)
    except NOT_JSON:
        return {}
    return found if isinstance(found, dict) else {}
