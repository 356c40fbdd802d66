"""What a record of an unknown shape is called by: the names of its fields, read when one is met."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tokwatch.sources.glued import objects_of

_LONGEST: Final = 1 << 20


def fields_at(path: str | Path, offsets: Sequence[int], *way: str) -> str:
    """Return the names of the fields of the last of these records, as deep inside as it goes.

    Never a value; "" where there is no record, or where it cannot be read any more.
    """
    if not offsets:
        return ""
    from tokwatch.sources.records import field_names

    try:
        with open(path, "rb") as file:
            file.seek(offsets[-1])
            _, found = objects_of(file.readline(_LONGEST))
    except OSError:
        return ""
    inner = found[0][1] if found else {}
    for name in way:
        below = inner.get(name)
        if not isinstance(below, dict) or not below:
            break
        inner = below
    return field_names(inner)
