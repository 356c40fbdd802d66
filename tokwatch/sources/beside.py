"""Small files that a tool keeps beside its logs: read when they help, never required."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

MAX_BYTES: Final = 4 << 20


def read_object(path: Path) -> dict[str, Any]:
    """Return the JSON object in a small file; an empty one where there is none."""
    try:
        with open(path, "rb") as file:
            found = json.loads(file.read(MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return fields(found)


def fields(value: object) -> dict[str, Any]:
    """Return an object's fields; none where it is no object."""
    return value if isinstance(value, dict) else {}


def plain(value: object) -> str:
    """Return a text as it is, and "" for anything else."""
    return value if isinstance(value, str) else ""


def part(record: dict[str, Any], name: str) -> dict[str, Any]:
    """Return an object inside an object; an empty one where there is none."""
    return fields(record.get(name))
