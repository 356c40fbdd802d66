"""Lists of JSON objects with the same keys as tables, and the way back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final  # Any: JSON values

from tokwatch.compress.nouns import Change, Risk
from tokwatch.compress.scene import Scene, Stage, Touch
from tokwatch.compress.stages.json_text import regions

_FEWEST: Final = 3
_BARE: Final = re.compile(r"[A-Za-z_][\w.-]*")
_HEAD: Final = re.compile(r"\[(\d+)\]\{")
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


class _Literal(str):
    """A number as it was written."""


def find(scene: Scene) -> Iterator[Change]:
    """Yield JSON values in which a list of like objects is a table."""
    for view in scene.views:
        for start, end in regions(view):
            table = tabled(view.text[start:end])
            if table is not None:
                yield Change(view.number, start, end, table, "rows as a table: [rows]{keys}:")


def tabled(text: str) -> str | None:
    """Return JSON with tables for lists of like objects; None where there is none."""
    if "{" not in text:
        return None
    value = json.loads(
        text, parse_float=_Literal, parse_int=_Literal, object_pairs_hook=lambda pairs: tuple(pairs)
    )
    written = _write(value)
    return written if _HEAD.search(written) else None


def _write(value: Any) -> str:
    """Return a value as JSON; objects are tuples of pairs."""
    if isinstance(value, _Literal):
        return str(value)
    if isinstance(value, tuple):
        return "{" + ",".join(f"{_text(k)}:{_write(v)}" for k, v in value) + "}"
    if isinstance(value, list):
        keys = _shared_keys(value)
        if keys:
            head = ",".join(k if _BARE.fullmatch(k) else _text(k) for k in keys)
            rows = "\n".join(",".join(_write(v) for _, v in row) for row in value)
            return f"[{len(value)}]{{{head}}}:\n{rows}"
        return "[" + ",".join(map(_write, value)) + "]"
    return _text(value)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _shared_keys(rows: Sequence[object]) -> list[str]:
    """Return the keys that all rows have, in the same order; none where they differ."""
    if len(rows) < _FEWEST or not all(isinstance(row, tuple) and row for row in rows):
        return []
    keys = [[pair[0] for pair in row] for row in rows if isinstance(row, tuple)]
    is_uniform = all(one == keys[0] for one in keys) and len(set(keys[0])) == len(keys[0])
    return keys[0] if is_uniform else []


STAGE: Final = Stage("tables", "lists of like objects as tables", Risk.LOW, Touch.ENCODE, find)
