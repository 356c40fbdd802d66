"""A log of lines that a tool keeps beside the file which tells its usage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tokwatch.sources.archive import MESSAGE_ROW
from tokwatch.sources.glued import objects_of
from tokwatch.sources.lines import Lines
from tokwatch.sources.records import Records

_MAX_LINE = 64 << 20


def records_beside(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the records of a log, each with its offset as blocks have it; none without a log."""
    try:
        with path.open("rb") as file:
            for offset, record in Records(Lines(file, 0, _MAX_LINE, None)):
                yield MESSAGE_ROW + offset, record
    except FileNotFoundError:
        return


def record_beside(path: Path, offset: int) -> object:
    """Return the record at an offset of such a log; None where it was written anew."""
    with path.open("rb") as file:
        file.seek(offset - MESSAGE_ROW)
        found = objects_of(file.readline(_MAX_LINE))[1]
    return found[0][1] if found and found[0][0] == 0 else None
