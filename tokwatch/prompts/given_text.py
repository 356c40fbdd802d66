"""Reads the text that a command is given: from a file or standard input, whatever it holds."""

from __future__ import annotations

import sys
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path
from typing import Final, NamedTuple

from tokwatch.errors import TokwatchError

MOST_BYTES: Final = 256 << 20
_PEEK: Final = 1 << 16
_MOST_STRANGE: Final = 0.1
"""Of the first bytes so many may be no text."""


class GivenText(NamedTuple):
    """A text, and what had to be done to read it."""

    text: str
    name: str
    """Where it came from, in words."""
    note: str = ""


def given_text(file: str) -> GivenText:
    """Return the text of a file, or of standard input for `-`; what is no text is refused."""
    if file == "-":
        return decoded(sys.stdin.buffer.read(MOST_BYTES + 1), "standard input")
    try:
        with Path(file).open("rb") as opened:
            return decoded(opened.read(MOST_BYTES + 1), file)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it has no such name"
        raise TokwatchError(f"{file} cannot be read: {why}.") from None


def decoded(content: bytes, name: str) -> GivenText:
    """Return bytes as text; raise for what is none."""
    if len(content) > MOST_BYTES:
        raise TokwatchError(f"{name} holds more than {MOST_BYTES >> 20} MB.")
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return GivenText(content.decode("utf-16", "replace"), name, "read as UTF-16")
    content = content.removeprefix(BOM_UTF8)
    try:
        return GivenText(content.decode("utf-8"), name)
    except UnicodeDecodeError:
        pass
    begin = content[:_PEEK].decode("utf-8", "replace")
    strange = sum(char == "\ufffd" or char < "\t" for char in begin)
    if strange > _MOST_STRANGE * len(begin):
        raise TokwatchError(f"{name} is no text.", "Only text has tokens.")
    text = content.decode("utf-8", "replace")
    return GivenText(text, name, "some bytes are no UTF-8 and count as one sign each")
