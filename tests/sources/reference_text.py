"""What the reference reader makes of bytes: records, counts and instants."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.sources.road import Spent

Record = dict[str, Any]  # as logged: fields of every type
Request = tuple[str, int, str, Spent]
"""Session, day since 1970-01-01, model, tokens."""


def records(path: Path) -> Iterator[tuple[int, Record]]:
    """Yield the JSON objects of a log, numbered; of a broken line those before the fault."""
    number = 0
    *lines, tail = path.read_bytes().split(b"\n")
    for line in [*lines, tail if is_record(tail) else b""]:
        text = line.decode("utf-8", "replace").strip(" \t\r\0\ufeff")
        while text:
            try:
                value, end = json.JSONDecoder().raw_decode(text)
            except (ValueError, RecursionError):
                break
            text = text[end:].strip(" \t\r\0\ufeff")
            if isinstance(value, dict):
                number += 1
                yield number, value


def is_record(tail: bytes) -> bool:
    """Tell whether a last line that has no newline yet is complete all the same."""
    try:
        return isinstance(json.loads(tail.decode("utf-8", "replace")), dict) and tail.endswith(b"}")
    except (ValueError, RecursionError):
        return False


def tokens(value: object) -> int:
    """Return a count; what is none, or no possible one, is nothing."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 < float(str(value)) < 2**33:
        return 0
    return int(float(str(value)))


def instant(value: object) -> int | None:
    """Return epoch milliseconds of an ISO text or a number; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return int(value)
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def day(instant_ms: int) -> int:
    """Return the UTC day of an instant."""
    return instant_ms // 86_400_000


def table(value: object) -> Record:
    """Return an object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def text(value: object) -> str:
    """Return a text, or "" in place of anything else."""
    return value if isinstance(value, str) else ""
