"""Shows one record of a log as it stands there: read when asked for, escaped, kept nowhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, BinaryIO, Final

from msgspec import Struct

from tokwatch.sources.glued import objects_of
from tokwatch.sources.source import Source, can_show
from tokwatch.sources.tables import is_database

MOST_CHARS: Final = 1 << 16
"""Of one shown record."""
FOLD_CHARS: Final = 2000
"""Of one text inside of a record: what is longer is cut, and says by how much."""

_LARGEST: Final = 64 << 20
_UNSAFE: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
    "\ufff9-\ufffb]"
)
_GONE: Final = "The log is gone: its tool deletes old ones, or it was moved."
_CHANGED: Final = "The log was written anew since it was read: this record stands elsewhere now."
_OTHER: Final = "This tool keeps its log in a form of which single records cannot be shown."


class LogProblem(Exception):
    """Why a record cannot be had, in words."""


class RawRecord(Struct, frozen=True):
    """A record as text of several lines, or why there is none."""

    text: str = ""
    problem: str = ""
    is_whole: bool = True
    """False where the record is longer than what is shown."""


def raw_record(
    path: str, offset: int, limit: int = MOST_CHARS, source: Source | None = None
) -> RawRecord:
    """Read the record that an event's or a block's offset names; never raises.

    A record of a log of lines is found by its byte; one of a document or a database by the source,
    which knows what its offsets count. It may be large: call it in a thread.
    """
    try:
        return shown(whole_record(path, offset, source), limit)
    except LogProblem as problem:
        return RawRecord(problem=str(problem))
    except RecursionError:
        return RawRecord(problem=_OTHER)


def whole_record(path: str, offset: int, source: Source | None = None) -> object:
    """Return the decoded record that an offset names, texts uncut; raise a LogProblem."""
    try:
        if is_database(path) or path.endswith(".json"):
            return _named(path, offset, source)
        with open(path, "rb") as file:
            return _line(file, offset)
    except FileNotFoundError:
        raise LogProblem(_GONE) from None
    except RecursionError:
        raise LogProblem(_OTHER) from None
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise LogProblem(f"The log cannot be read: {why}.") from None


def shown(record: object, limit: int = MOST_CHARS) -> RawRecord:
    """Return a decoded record as indented text: long texts cut, nothing that a terminal obeys."""
    text = json.dumps(_folded(record), indent=2, ensure_ascii=False)
    return RawRecord(_UNSAFE.sub(_escaped, text[:limit]), is_whole=len(text) <= limit)


def _line(file: BinaryIO, offset: int) -> object:
    file.seek(max(0, offset - 1))
    before = file.read(1) if offset > 0 else b"\n"
    line = file.readline(_LARGEST)
    _, found = objects_of(line) if before in (b"\n", b"}") else (False, [])
    if not found or found[0][0] != 0:
        raise LogProblem(_CHANGED)
    return found[0][1]


def _named(path: str, offset: int, source: Source | None) -> object:
    """Return what the source finds by an offset."""
    if source is None or not can_show(source):
        raise LogProblem(_OTHER)
    if not Path(path).exists():
        raise FileNotFoundError
    found = source.record_at(Path(path), offset)
    if isinstance(found, dict):
        found = {name: _cell(value) for name, value in found.items()}
    if found is None:
        raise LogProblem(_CHANGED)
    return found


def _cell(value: Any) -> object:  # whatever SQLite holds
    """Return a cell as JSON has it: decoded where it holds a JSON object."""
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            decoded: object = json.loads(value)
        except (ValueError, RecursionError):
            return value
        return decoded
    return value


def _folded(value: object) -> object:
    """Return a value with its long texts cut."""
    if isinstance(value, str):
        cut = len(value) - FOLD_CHARS
        return (
            value if cut <= 0 else f"{value[:FOLD_CHARS]} \N{HORIZONTAL ELLIPSIS} +{cut} characters"
        )
    if isinstance(value, dict):
        return {str(name): _folded(part) for name, part in value.items()}
    return [_folded(part) for part in value] if isinstance(value, list) else value


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
