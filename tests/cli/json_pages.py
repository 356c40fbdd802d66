"""Reads docs/json.md: which keys each command's JSON has, and how a document differs from that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_KEY: Final = re.compile(
    r"(?P<names>[\w|?-]+)\s+(?P<type>(?:list|map) of \([^)]+\)|(?:list|map) of \S+|\S+)"
)
_DAY: Final = r"\d{4}-\d\d-\d\d"
_INSTANT: Final = re.compile(_DAY + r"T\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
_WHOLE: Final = {"count", "nano", "ms"}
_NUMBERS: Final = {"number", "usd", "share"}
Json = Any  # a decoded document


@dataclass
class Key:
    """A key of a document, with the keys inside it."""

    line: int
    """Where it stands in the page."""
    name: str
    type: str
    is_rare: bool
    keys: list[Key] = field(default_factory=list)


Keys = list[Key]


@dataclass(frozen=True)
class Line:
    """A line of a block of keys."""

    number: int
    depth: int
    text: str


def read_page(page: Path) -> dict[str, Keys]:
    """Return what the page says of each command, by its words."""
    blocks = dict(_blocks(page.read_text("utf-8").splitlines()))
    found: dict[str, Keys] = {}
    for title, lines in blocks.items():
        for command in re.findall("`(.+?)`", title):
            assert command not in found, f"{command} is told twice"
            found[command] = _keys(_whole(lines, blocks))
    return found


def _blocks(lines: list[str]) -> Iterator[tuple[str, list[Line]]]:
    """Yield each block of keys under the heading above it."""
    title, keys, is_open = "", list[Line](), False
    for number, text in enumerate(lines, 1):
        if text.startswith("### "):
            title = text.removeprefix("### ")
        elif text in ("```keys", "```") and (is_open or text == "```keys"):
            is_open = not is_open
            if not is_open:
                yield title, keys
                keys = []
        elif is_open:
            keys.append(Line(number, (len(text) - len(text.lstrip())) // 2, text.strip()))


def _whole(lines: list[Line], blocks: Mapping[str, list[Line]], depth: int = 0) -> Iterator[Line]:
    """Yield lines, and those of shapes in the place of their names."""
    for line in lines:
        if line.text.startswith("..."):
            shape = blocks[line.text.removeprefix("...")]
            yield from _whole(shape, blocks, depth + line.depth)
        else:
            yield Line(line.number, depth + line.depth, line.text)


def _keys(lines: Iterable[Line]) -> Keys:
    top: Keys = []
    open_keys = [top]
    for line in lines:
        told = _KEY.match(line.text)
        assert told is not None, line
        inner: Keys = []
        del open_keys[line.depth + 1 :]
        for name in told["names"].split("|"):
            is_rare = name.endswith("?")
            key = Key(line.number, name.rstrip("?"), told["type"], is_rare, inner)
            open_keys[line.depth].append(key)
        open_keys.append(inner)
    return top


def differences(document: Mapping[str, Json], keys: Keys, at: str = "") -> Iterator[str]:
    """Yield how an object differs from what the page says of it."""
    known = {key.name: key for key in keys}
    assert len(known) == len(keys), f"{at}: a key is told twice"
    for name in document.keys() - known.keys():
        yield f"{at}.{name} is not on the page"
    for name, key in known.items():
        if name in document:
            yield from _of_value(document[name], key.type, key.keys, f"{at}.{name}")
        elif not key.is_rare:
            yield f"{at}.{name} is missing"


def _of_value(value: Json, type_: str, keys: Keys, at: str) -> Iterator[str]:
    if type_.endswith("|null") and " of (" not in type_:
        if value is None:
            return
        type_ = type_.removesuffix("|null")
    kind, _, inner = type_.partition(" of ")
    inner = inner.strip("()")
    if kind in ("list", "map"):
        yield from _of_many(value, kind, inner or "object", keys, at)
    elif kind == "object":
        yield from differences(value, keys, at) if isinstance(value, dict) else [f"{at}: no object"]
    elif not _is(value, kind):
        yield f"{at} is no {type_}: {value!r}"


def _of_many(value: Json, kind: str, inner: str, keys: Keys, at: str) -> Iterator[str]:
    if not isinstance(value, list if kind == "list" else dict):
        yield f"{at} is no {kind}: {value!r}"
        return
    for one in value if isinstance(value, list) else value.values():
        yield from _of_value(one, inner, keys, f"{at}[]")


def _is(value: Json, kind: str) -> bool:
    """Tell whether a value is of a plain type."""
    if kind in _WHOLE | _NUMBERS:
        types = int if kind in _WHOLE else int | float
        return isinstance(value, types) and not isinstance(value, bool)
    if kind == "date":
        return isinstance(value, str) and re.fullmatch(_DAY, value) is not None
    if kind == "instant":
        return isinstance(value, str) and _INSTANT.fullmatch(value) is not None
    return kind == "json" or isinstance(value, {"text": str, "bool": bool}[kind])


def told_lines(keys: Iterable[Key]) -> Iterator[int]:
    """Yield the lines of all keys."""
    for key in keys:
        yield key.line
        yield from told_lines(key.keys)


def met_lines(value: Json, keys: Keys) -> Iterator[int]:
    """Yield the lines of the keys that a document has."""
    if isinstance(value, list):
        for one in value:
            yield from met_lines(one, keys)
    elif isinstance(value, dict):
        known = {key.name: key for key in keys}
        for name in value.keys() & known.keys():
            key = known[name]
            yield key.line
            is_map = key.type.startswith("map")
            yield from met_lines(list(value[name].values()) if is_map else value[name], key.keys)
