"""Reads the detail of one log from where it was left: in pieces, beside the reader of its usage."""

from __future__ import annotations

import os
from io import BytesIO, FileIO
from typing import BinaryIO, Final, NamedTuple

from tokwatch.model.detail import Detail, DetailCursor
from tokwatch.sources.discover import FoundLog
from tokwatch.sources.lines import Lines, head_and_tail
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.reader import UNREAD
from tokwatch.sources.source import Detailed
from tokwatch.sources.tables import is_database


class ReadDetail(NamedTuple):
    """The detail of a piece of a log, and how far it reaches."""

    detail: Detail
    cursor: DetailCursor
    from_start: bool
    """True when it takes the place of everything told of the log before."""
    more: bool
    """True when a further piece is left."""
    rest: bool = False
    """True when more is left of a database that nobody waits for."""


class Wish(NamedTuple):
    """What is asked for of a database, which holds many sessions."""

    since_ms: int = 0
    """Of older sessions none."""
    session: str = ""
    """But this one, and before all others."""


NO_WISH: Final = Wish()


def is_told(found: FoundLog, cursor: DetailCursor | None, version: int) -> bool:
    """Tell from the log's status alone that nothing is new to this version of the parser."""
    return cursor is not None and (
        cursor.version == version
        and cursor.size == found.size
        and cursor.mtime_ns == found.mtime_ns
        and cursor.inode == found.inode
    )


def read_detail(
    source: Detailed,
    found: FoundLog,
    cursor: DetailCursor | None,
    max_line: int,
    piece_bytes: int,
    wish: Wish = NO_WISH,
) -> ReadDetail:
    """Read a piece of what is new in a log; raises OSError where it cannot be read.

    A piece ends after the line that crosses `piece_bytes`; the next one goes on from there.
    """
    version = source.detail_version
    start = cursor if cursor is not None and cursor.version == version else DetailCursor()
    if is_database(found.path):
        return _read_tables(source, found, start, max_line, wish)
    with FileIO(found.path) as file:
        status = os.fstat(file.fileno())
        if not _continues(file, start, status.st_size):
            start = DetailCursor()
        lines = Lines(file, start.offset, max_line, start.offset + piece_bytes)
        log = LogFile(found.path, found.root, lines, file, max_line)
        detail = source.read_detail(log, start.state)
        head, tail = head_and_tail(file, lines.offset)
    is_more = lines.offset - start.offset >= piece_bytes and lines.offset < status.st_size
    after = DetailCursor(
        size=UNREAD if is_more else status.st_size,
        mtime_ns=status.st_mtime_ns,
        inode=status.st_ino,
        offset=lines.offset,
        head=head,
        tail=tail,
        state=detail.state,
        version=version,
    )
    return ReadDetail(detail, after, start.offset == 0, is_more)


def _read_tables(
    source: Detailed, found: FoundLog, start: DetailCursor, max_line: int, wish: Wish
) -> ReadDetail:
    """Read what is new in a database; one that took the place of another is told anew."""
    state = start.state if start.inode == found.inode else b""
    nothing = BytesIO()
    lines = Lines(nothing, 0, max_line, None)
    log = LogFile(found.path, found.root, lines, nothing, max_line, *wish)
    detail = source.read_detail(log, state)
    after = DetailCursor(
        size=UNREAD if detail.more or detail.rest else found.size,
        mtime_ns=found.mtime_ns,
        inode=found.inode,
        state=detail.state,
        version=source.detail_version,
    )
    return ReadDetail(detail, after, not state, detail.more, detail.rest)


def _continues(file: BinaryIO, start: DetailCursor, size: int) -> bool:
    """Tell whether the file still begins with what was read of it."""
    if start.offset == 0 or size < start.offset:
        return False
    return head_and_tail(file, start.offset) == (start.head, start.tail)
