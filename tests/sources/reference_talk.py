"""A slow second reader of conversations: looks at every text of a log, whatever field holds it."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.sources.agents.talk import MARK, PNG

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_MARKED = re.compile(f"{MARK}([a-z ]+){MARK}")
_ZSTD = b"\x28\xb5\x2f\xfd"


def characters(*paths: Path) -> Counter[str]:
    """Return the characters of all marked texts by what they are marked with, each text once."""
    found: Counter[str] = Counter()
    for text in {text for path in paths for text in _texts_in(path)}:
        for kind in set(_MARKED.findall(text)):
            found[kind] += len(text)
    return found


def pictures(*paths: Path) -> int:
    """Return how many images there are."""
    told = {text for path in paths for text in _texts_in(path)}
    found = (re.search(re.escape(PNG) + r"\d+", text) for text in told)
    return len({match[0] for match in found if match})


def calls(*paths: Path) -> int:
    """Return how many calls of tools there are."""
    told = {text for path in paths for text in _texts_in(path)}
    return sum(_MARKED.findall(text) == ["tool call"] for text in told)


def _texts_in(path: Path) -> Iterator[str]:
    """Yield every text of a log that is nothing but a text."""
    if path.suffix in (".db", ".sqlite"):
        with closing(sqlite3.connect(path)) as tables:
            names = tables.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (name,) in names:
                for row in tables.execute(f"SELECT * FROM {name}"):
                    for cell in row:
                        yield from _texts_of(_unpacked(cell))
        return
    for line in _values(path.read_text("utf-8")):
        yield from _texts_of(line)


def _values(text: str) -> list[object]:
    try:
        return [json.loads(text)]
    except ValueError:
        return [json.loads(line) for line in text.splitlines()]


def _unpacked(cell: object) -> object:
    if isinstance(cell, bytes):
        return zstd.decompress(cell).decode() if cell.startswith(_ZSTD) else cell.decode()
    return cell


def _texts_of(value: object) -> Iterator[str]:
    """Yield the texts in a value; of one that is JSON itself those inside of it."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _texts_of(one)
    elif isinstance(value, str):
        try:
            inner = json.loads(value.removeprefix("\0json:"))
        except ValueError:
            yield value
        else:
            if isinstance(inner, dict | list):
                yield from _texts_of(inner)
