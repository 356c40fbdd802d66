"""TOML as text: write a key or a value, find the line of a key; the parser is tomllib."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping

# As texts: a start that finds no fault need not wait for them to be compiled.
_BARE_KEY = r"[A-Za-z0-9_-]+"
_KEY_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_KEY_LINE = rf"\s*({_KEY_PART}(?:\s*\.\s*{_KEY_PART})*)\s*="
_HEADER_LINE = rf"\s*\[\s*({_KEY_PART}(?:\s*\.\s*{_KEY_PART})*)\s*\]"


def key_text(path: Iterable[str]) -> str:
    """Return the dotted key, each part quoted where it must be."""
    return ".".join(part if re.fullmatch(_BARE_KEY, part) else _quoted(part) for part in path)


def value_text(value: object) -> str:
    """Return the value as it would stand behind `=`."""
    match value:
        case str():
            return _quoted(value)
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case Mapping():
            pairs = [f"{key_text([str(key)])} = {value_text(item)}" for key, item in value.items()]
            return f"{{ {', '.join(pairs)} }}" if pairs else "{}"
        case Iterable():
            return f"[{', '.join(value_text(item) for item in value)}]"
        case _:
            return str(value)


def _quoted(text: str) -> str:
    import json

    # JSON leaves DEL and the C1 controls as they are, which TOML or a terminal would mind.
    plain = json.dumps(text, ensure_ascii=False)
    return re.sub(r"[\x7f-\x9f]", lambda control: f"\\u{ord(control[0]):04x}", plain)


def line_of(text: str, path: tuple[str, ...]) -> int | None:
    """Return the number of the line that sets this key, or of the nearest table around it.

    Of a key that only tables inside it make, the first of them.
    """
    table: tuple[str, ...] = ()
    nearest_line, inside_line, depth = None, None, 0
    for number, line in enumerate(text.split("\n"), 1):
        if header := re.match(_HEADER_LINE, line):
            key = table = _split(header[1])
        elif setting := re.match(_KEY_LINE, line):
            key = table + _split(setting[1])
        else:
            continue
        if key[: len(path)] == path and len(key) > len(path):
            inside_line = inside_line or number
        if depth < len(key) <= len(path) and path[: len(key)] == key:
            nearest_line, depth = number, len(key)
    return nearest_line if depth == len(path) else inside_line or nearest_line


def _split(key: str) -> tuple[str, ...]:
    parts: list[str] = []
    value: object
    try:
        value = tomllib.loads(f"{key} = 0")
    except ValueError:
        return ()
    while isinstance(value, dict):
        [(part, value)] = value.items()
        parts.append(part)
    return tuple(parts)
