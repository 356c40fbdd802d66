"""Reads one log from where it was left: knows whether it is still the same log."""

from __future__ import annotations

import os
from io import BytesIO, FileIO
from typing import BinaryIO, Final, NamedTuple

from msgspec.structs import replace

from tokwatch.model.reading import Cursor, Reading
from tokwatch.sources.discover import FoundLog
from tokwatch.sources.lines import Lines, head_and_tail
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.source import Source
from tokwatch.sources.tables import is_database

UNREAD: Final = -1
"""Size in the cursor of a log of which a part was left: differs from any file's."""


class ReadLog(NamedTuple):
    """A reading, and whether lines are left for another."""

    reading: Reading
    more: bool


def is_unchanged(found: FoundLog, cursor: Cursor | None, version: int) -> bool:
    """Tell from the file's status alone that nothing is new to this version of the parser."""
    return (
        cursor is not None
        and cursor.version == version
        and cursor.size == found.size
        and cursor.mtime_ns == found.mtime_ns
        and cursor.inode == found.inode
    )


def is_untouched(found: FoundLog, cursor: Cursor) -> bool:
    """Tell a document or database that was only renamed: it has no offset to know it by."""
    read = (cursor.device, cursor.inode, cursor.size, cursor.mtime_ns)
    now = (found.device, found.inode, found.size, found.mtime_ns)
    return cursor.offset == 0 and read == now


def is_same_log(path: str, cursor: Cursor) -> bool:
    """Tell whether a file at another path begins with what was read of a log."""
    try:
        with FileIO(path) as file:
            return _continues(file, cursor, os.fstat(file.fileno()))
    except OSError:
        return False


def read_log(
    source: Source, found: FoundLog, cursor: Cursor | None, max_line: int, chunk_bytes: int
) -> ReadLog:
    """Read what is new in a log; raises OSError where it cannot be read.

    A read stops after the line that crosses `chunk_bytes`; the next one goes on from there.
    """
    if is_database(found.path):
        return _read_tables(source, found, cursor, max_line)
    with FileIO(found.path) as file:
        status = os.fstat(file.fileno())
        start = cursor
        if start is None or start.version != source.version or not _continues(file, start, status):
            start = _anew(source, found.path, cursor)
        end = start.offset + chunk_bytes
        lines = Lines(file, start.offset, max_line, end, status.st_size)
        reading = source.read(LogFile(found.path, found.root, lines, file, max_line), start)
        if reading.restart_state is not None:
            start = Cursor(found.path, source.name, state=reading.restart_state)
            lines = Lines(file, 0, max_line, chunk_bytes, status.st_size)
            reading = source.read(LogFile(found.path, found.root, lines, file, max_line), start)
        head, tail = lines.proof or head_and_tail(file, lines.offset)
    more = lines.offset - start.offset >= chunk_bytes and lines.offset < status.st_size
    after = Cursor(
        path=found.path,
        source=source.name,
        device=status.st_dev,
        inode=status.st_ino,
        size=UNREAD if more else status.st_size,
        mtime_ns=status.st_mtime_ns,
        offset=lines.offset,
        head=head,
        tail=tail,
        state=reading.cursor.state,
        version=source.version,
    )
    return ReadLog(replace(reading, cursor=after, from_start=start.offset == 0), more)


def _read_tables(source: Source, found: FoundLog, cursor: Cursor | None, limit: int) -> ReadLog:
    """Read a database: as it was found, or later; what comes later still changes its status."""
    start = cursor
    if start is None or start.version != source.version or start.inode != found.inode:
        start = _anew(source, found.path, cursor)
    nothing = BytesIO()
    log = LogFile(found.path, found.root, Lines(nothing, 0, limit, None), nothing, limit)
    reading = source.read(log, start)
    after = Cursor(
        path=found.path,
        source=source.name,
        device=found.device,
        inode=found.inode,
        size=UNREAD if reading.more else found.size,
        mtime_ns=found.mtime_ns,
        state=reading.cursor.state,
        version=source.version,
    )
    return ReadLog(replace(reading, cursor=after, from_start=not start.state), reading.more)


def _anew(source: Source, path: str, cursor: Cursor | None) -> Cursor:
    """Return the cursor of a log to be read from its start; running totals outlive a rewrite."""
    if cursor is None or cursor.version != source.version:
        return Cursor(path, source.name)
    keeps_totals = getattr(source, "keeps_totals", False)  # see growth.py; most sources have none
    return Cursor(path, source.name, state=cursor.state if keeps_totals else b"")


def _continues(file: BinaryIO, cursor: Cursor, status: os.stat_result) -> bool:
    """Tell whether the file still begins with what was read; if not, it is read anew."""
    if status.st_size < cursor.offset or cursor.offset == 0:
        return False
    return head_and_tail(file, cursor.offset) == (cursor.head, cursor.tail)
