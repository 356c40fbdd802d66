"""The paths of a mapping, ready to be followed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from tokwatch.config.field_path import Steps, steps_of

_SPELT_ONE_WAY: Final = re.compile(r"[A-Za-z0-9_-]+")
"""Keys that no writer of JSON escapes."""


def paths_of(paths: str | Sequence[str] | None) -> tuple[Steps, ...]:
    """Return the steps of a path, or of several in order of preference."""
    if paths is None:
        return ()
    return tuple(steps_of(path) for path in ([paths] if isinstance(paths, str) else paths))


def marks_of(paths: Iterable[Steps]) -> tuple[bytes, ...]:
    """Return byte strings of which a record with a value at one of these paths holds one.

    None where a key may be spelt in several ways: then every record must be decoded.
    """
    keys = {[step for step in steps if isinstance(step, str)][-1] for steps in paths}
    if not all(_SPELT_ONE_WAY.fullmatch(key) for key in keys):
        return ()
    return tuple(sorted(f'"{key}"'.encode() for key in keys))
