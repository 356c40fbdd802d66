"""Where a text may be cut so that the tokens of its pieces add up to those of the whole.

The patterns with which both encodings split a text first look ahead, but never back: a cut is
safe where one of their matches certainly ends. docs/tokens.md has the rules in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

LONG_LINE: Final = 2048
"""A longer line is cut too, behind so many characters at the next safe place of its own."""
MOST_CHARS: Final = 8192
"""A longer run without a safe place is cut all the same: a tokenizer would stall or fail at it."""

_GLUED: Final = r"(?=[^\S\r\n]*(?:[\r\n]|\Z)|/)"
"""A blank line, a slash or the end of the text may belong to the line feed before it."""
_LINES: Final = re.compile(rf"[^\n]*+(?:\n{_GLUED}[^\n]*+)*+(?:\n|\Z)")
_LETTER: Final = (
    "A-Za-z\u0391-\u03a1\u03b1-\u03c9\u0410-\u044f\u05d0-\u05ea\u0620-\u063f\u0904-\u0939"
)
_IDEOGRAPH: Final = "\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fa5\uac00-\ud7a3"
_MARK: Final = r""" "(){}\[\]:;,.=<>|_\-\u3001\u3002\uff0c\uff01\uff1a\uff1b\uff1f\u060c"""
_SAFE: Final = re.compile(
    rf"[{_LETTER}{_IDEOGRAPH}0-9](?=[{_MARK}])|[A-Za-z](?=[0-9])|[0-9](?=[A-Za-z])"
)
"""The end of a run of letters or of digits, before what certainly is of neither."""


class Piece(NamedTuple):
    """A part of a text."""

    text: str
    is_safe: bool = True
    """False where it ends at a forced cut: its count may be off by a token."""


def lines_of(text: str) -> list[str]:
    """Return a text in pieces of whole lines; together they are the text."""
    found = _LINES.findall(text)
    if found and not found[-1]:
        found.pop()
    return found


def pieces_of(text: str) -> Iterator[Piece]:
    """Yield a text in pieces: whole lines, and long ones in parts."""
    for line in lines_of(text):
        if len(line) > LONG_LINE:
            yield from parts_of(line)
        else:
            yield Piece(line)


def parts_of(line: str) -> Iterator[Piece]:
    """Yield a long line in parts, so that an edit changes few of them."""
    begin, end = 0, len(line)
    while end - begin > LONG_LINE:
        found = _SAFE.search(line, begin + LONG_LINE // 2, begin + MOST_CHARS)
        cut = found.end() if found else begin + MOST_CHARS
        if cut >= end:
            break
        yield Piece(line[begin:cut], found is not None)
        begin = cut
    yield Piece(line[begin:])
