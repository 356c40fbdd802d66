"""Reads only the records whose first bytes say that they matter; the others are never decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from tokwatch.sources.glued import NOT_JSON, objects_of
from tokwatch.sources.lines import Lines

_TYPE: Final = b'"type":"'
_AFTER_TYPE: Final = len(_TYPE)
_GLUE: Final = b'}{"'
"""Cannot stand inside of one JSON record: in a text its quote would be escaped."""
_WHOLE_ENDS: Final = (b"}\n", b"}\r\n", b"}")
_decode = msgspec.json.Decoder().decode


def wanted_records(
    lines: Lines, is_wanted: Callable[[bytes], bool]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the wanted records, each with its offset; also those of lines that hold several."""
    for start, run in lines:
        offset = start
        for line in run:
            if is_wanted(line) or _GLUE in line or not line.endswith(_WHOLE_ENDS):
                yield from _objects(offset, line)
            offset += len(line)


def type_in(line: bytes, start: int, end: int) -> bytes:
    """Return the first `type` that a part of a line tells; nothing where it tells none."""
    at = line.find(_TYPE, start, end)
    return line[at + _AFTER_TYPE : line.find(b'"', at + _AFTER_TYPE)] if at > 0 else b""


def _objects(offset: int, line: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        record = _decode(line)
    except NOT_JSON:
        for place, found in objects_of(line)[1]:
            yield offset + place, found
    else:
        if isinstance(record, dict):
            yield offset, record
