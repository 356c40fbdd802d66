"""What made logs are made of: text like code and prose, ids, instants, sizes, token counts."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final, NamedTuple

_WORDS: Final = (
    *("self", "return", "import", "from", "class", "if", "else", "for", "while", "try", "except"),
    *("raise", "with", "lambda", "yield", "await", "async", "const", "function", "interface"),
    *("struct", "impl", "match", "invoice", "total", "rate", "customer", "order", "basket"),
    *("price", "tax", "line", "item", "address", "country", "currency", "parse", "render"),
    *("update", "select", "insert", "delete", "where", "join", "result", "value", "index"),
    *("path", "file", "offset", "config"),
)
_ODD: Final = (
    "\\n    ",
    "\\n",
    "\\t",
    '\\"shop\\"',
    "größe",
    "→",
    "日本語",
    "данные",
    "🙂",
    "\\\\d+",
)
_POOL_CHARS: Final = 1 << 20


class Log(NamedTuple):
    """A log that is to be written: its path below the home, and its lines."""

    path: str
    lines: list[str]


@dataclass(slots=True)
class Spent:
    """The tokens that a source's logs hold, each response once."""

    requests: int = 0
    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0

    def add(self, **tokens: int) -> None:
        """Count one response."""
        self.requests += 1
        for name, count in tokens.items():
            setattr(self, name, getattr(self, name) + count)


class Writing:
    """One session's clock, chance and book."""

    def __init__(self, chance: random.Random, at: datetime, spent: Spent) -> None:
        """Begin at an instant."""
        self.chance, self.at, self.spent = chance, at, spent

    def tick(self, seconds: float = 20.0) -> str:
        """Let some time pass and return the instant."""
        self.at += timedelta(milliseconds=1 + int(self.chance.random() * seconds * 1_000))
        return self.now()

    def now(self) -> str:
        """Return the instant as logs write it."""
        return f"{self.at:%Y-%m-%dT%H:%M:%S}.{self.at.microsecond // 1000:03}Z"

    def about(self, median: int, *, wide: float = 1.0, most: int = 400_000) -> int:
        """Return a size: many are small, few are very large."""
        return min(most, 1 + int(median * self.chance.lognormvariate(0, wide)))

    def text(self, length: int) -> str:
        """Return about so many characters, spelt as within a JSON text."""
        pool = _pool()
        found = []
        while length > 0:
            start = self.chance.randrange(len(pool) - 2)
            part = pool[start : start + length]
            found.append(_unbroken(part))
            length -= len(part)
        return "".join(found)

    def name(self, prefix: str, length: int = 24) -> str:
        """Return an id that is like no other."""
        return f"{prefix}{self.chance.getrandbits(4 * length):0{length}x}"

    def uuid(self) -> str:
        """Return a random UUID."""
        digits = f"{self.chance.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


@cache
def _pool() -> str:
    """Return a megabyte of made-up source code, spelt as within a JSON text."""
    chance = random.Random(7)
    parts: list[str] = []
    length = 0
    while length < _POOL_CHARS:
        draw = chance.random()
        if draw < 0.08:
            part = chance.choice(_ODD)
        elif draw < 0.14:
            part = str(chance.randrange(1 << 30))
        else:
            part = chance.choice(_WORDS) + chance.choice((" ", " ", "(", ")", ": ", ", ", " = "))
        parts.append(part)
        length += len(part)
    return "".join(parts)


def _unbroken(part: str) -> str:
    """Return a slice of the pool without half an escape at its ends."""
    stripped = part.lstrip('\\"')
    if stripped[:1] in {"n", "t", "d"} and len(stripped) == len(part):
        stripped = " " + part[1:]
    whole = stripped.rstrip("\\")
    return whole + " " * (len(part) - len(whole))
