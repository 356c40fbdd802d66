"""Paths to values in JSON records, as mappings write them: `usage.cached[0]."a.b"`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

Steps = tuple[str | int, ...]
"""A key for an object, a number for a list; below 0 counts from its end."""

_KEY: Final = r"""[^\s.\[\]"']+|"(?:[^"\\]|\\.)+"|'[^']+'"""
_STEP: Final = rf"(?P<dot>\.?)(?P<key>{_KEY})|\[(?P<index>-?[0-9]{{1,6}})\]"


def steps_of(path: str) -> Steps:
    """Return the steps of a path; a ValueError says where it is none."""
    match = re.compile(_STEP).match
    steps: list[str | int] = []
    position = 0
    while step := match(path, position):
        key = step["key"]
        if key is None and not steps:
            break
        if key is not None and bool(step["dot"]) is not bool(steps):
            break
        steps.append(int(step["index"]) if key is None else _plain(key))
        position = step.end()
    if position < len(path) or not steps:
        raise ValueError(f"{path!r} is no path at character {position + 1}")
    return tuple(steps)


def _plain(key: str) -> str:
    if key[0] == "'":
        return key[1:-1]
    if key[0] != '"':
        return key
    import json

    return str(json.loads(key))


def is_path(path: object) -> bool:
    """Tell whether a text is a path."""
    try:
        return isinstance(path, str) and bool(steps_of(path))
    except ValueError:
        return False


def value_at(record: object, steps: Steps) -> object:
    """Return the value at a path; None where there is none."""
    value = record
    for step in steps:
        if isinstance(step, str):
            if not isinstance(value, dict):
                return None
            value = value.get(step)
        elif isinstance(value, list) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def first_value(record: object, paths: Sequence[Steps]) -> object:
    """Return the value at the first of several paths that leads to one."""
    for steps in paths:
        value = value_at(record, steps)
        if value is not None:
            return value
    return None
