"""Tables of TOML taken out or renamed as text: every comment around them stays where it is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from typing import Any

from tokwatch.config.toml_text import key_text, line_of

Path = tuple[str, ...]
_HEADER = r"\s*\[[^\[\]]+\]\s*(#.*)?"
_QUIET = r"\s*(#.*)?"


def without_table(text: str, path: Path) -> str | None:
    """Return a document without a table; None where that cannot be done line by line.

    What stands below its last key is left: it is about what comes next.
    """
    lines = text.split("\n")
    first = _header_of(lines, text, path)
    if first is None:
        return None
    after = first + 1
    while after < len(lines) and not re.fullmatch(_HEADER, lines[after]):
        after += 1
    while re.fullmatch(_QUIET, lines[after - 1]):
        after -= 1
    after = max(after, first + 1)
    if after < len(lines) and not lines[after].strip() and (first == 0 or not lines[first - 1]):
        after += 1
    return _checked(text, "\n".join(lines[:first] + lines[after:]), path, lambda table, name: None)


def renamed_table(text: str, path: Path, name: str) -> str | None:
    """Return a document in which a table has another name; None as above."""
    lines = text.split("\n")
    first = _header_of(lines, text, path)
    if first is None:
        return None
    header = f"[{key_text([*path[:-1], name])}]"
    lines[first] = re.sub(r"\[[^\[\]]+\]", lambda _: header, lines[first], count=1)

    def put(table: dict[str, Any], value: object) -> None:
        table[name] = value

    return _checked(text, "\n".join(lines), path, put)


def spaced(text: str, path: Path) -> str:
    """Return a document with a blank line between a table that was just made and the next."""
    lines = text.split("\n")
    first = _header_of(lines, text, path)
    if first is None:
        return text
    headers = [place for place in range(first + 1, len(lines)) if lines[place].startswith("[")]
    if headers and lines[headers[0] - 1].strip():
        lines.insert(headers[0], "")
    return "\n".join(lines)


def _header_of(lines: list[str], text: str, path: Path) -> int | None:
    """Return the place of the line that begins a table; None where it has no line of its own."""
    number = line_of(text, path)
    if number is None or not re.fullmatch(_HEADER, lines[number - 1]):
        return None
    return number - 1


def _checked(
    before: str, after: str, path: Path, put: Callable[[dict[str, Any], object], None]
) -> str | None:
    """Return the text after a change if it says what it said before, but for that table."""
    try:
        wanted, found = tomllib.loads(before), tomllib.loads(after)
        table = wanted
        for part in path[:-1]:
            table = table[part]
        put(table, table.pop(path[-1]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return after if _full(wanted) == _full(found) else None


def _full(told: object) -> object:
    """Return what a document says, without tables that say nothing."""
    if not isinstance(told, dict):
        return told
    inside = {key: _full(value) for key, value in told.items()}
    return {key: value for key, value in inside.items() if value != {}}
