"""SQLite logs: opened so that the tool that writes them is never locked out and no byte changes.

A database without a write-ahead log is opened as immutable, which takes no lock at all; that it
did not change meanwhile is checked afterwards. With a write-ahead log it is opened for reading
only, where readers never block the writer. Where even that would have to make a file beside it,
a private copy is read.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

SUFFIXES: Final = (".db", ".sqlite", ".sqlite3", ".vscdb")
_WAL: Final = "-wal"
_INDEX: Final = "-shm"
_JOURNAL: Final = "-journal"
_HEADER_BYTES: Final = 100
"""Among them a counter that every commit raises."""
_MAGIC_BYTES: Final = 8
"""A rollback journal begins with so many bytes that are not zero while a commit goes on."""
_BUSY_S: Final = 0.05
NO_DATABASE: Final = errno.EBADMSG
"""Number of the OSError where a file is no SQLite database, or a broken one."""


def is_database(path: str) -> bool:
    """Tell a SQLite log by its name."""
    return path.endswith(SUFFIXES)


def database_of(path: str) -> str:
    """Return the database that a file beside it belongs to; any other path as it is."""
    for mark in (_WAL, _INDEX, _JOURNAL):
        if path.endswith(mark) and is_database(path.removesuffix(mark)):
            return path.removesuffix(mark)
    return path


def pending_status(path: str) -> tuple[int, int]:
    """Return the size and time of change (ns) of a database's write-ahead log; zeros without."""
    try:
        status = os.stat(path + _WAL)
    except OSError:
        return 0, 0
    return (status.st_size, status.st_mtime_ns) if status.st_size else (0, 0)


@contextlib.contextmanager
def open_tables(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a tool's database for reading; raises OSError where that is not possible now.

    Text that is no UTF-8 is read with replacement characters.
    """
    try:
        with _connection(path) as connection:
            connection.text_factory = partial(str, encoding="utf-8", errors="replace")
            yield connection
    except sqlite3.Error as error:
        raise OSError(_errno_of(error), f"SQLite: {error}", str(path)) from error
    except UnicodeDecodeError as error:  # what SQLite says of a broken schema names the bytes in it
        raise OSError(NO_DATABASE, "SQLite: its schema is broken", str(path)) from error


@contextlib.contextmanager
def _connection(path: Path) -> Iterator[sqlite3.Connection]:
    if not pending_status(str(path))[0]:
        before = _state(path)
        try:
            with contextlib.closing(_open(path, "immutable=1")) as connection:
                yield connection
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            _refuse_change(path, before)  # then what looked broken was only half written
            raise
        _refuse_change(path, before)
    elif os.access(path.parent, os.W_OK) and os.path.exists(f"{path}{_INDEX}"):
        with contextlib.closing(_open(path, "mode=ro")) as connection:
            yield connection
    else:
        import shutil
        import tempfile

        before = _state(path)
        with tempfile.TemporaryDirectory(prefix="tokwatch-") as folder:
            copy = Path(folder) / path.name
            for mark in ("", _WAL):
                shutil.copyfile(f"{path}{mark}", f"{copy}{mark}")
            _refuse_change(path, before)
            with contextlib.closing(_open(copy, "mode=rw")) as connection:
                yield connection


def _open(path: Path, how: str) -> sqlite3.Connection:
    from urllib.parse import quote

    connection = sqlite3.connect(
        # As bytes: a name that is no UTF-8 is a name all the same.
        f"file:{quote(os.fsencode(path))}?{how}",
        uri=True,
        timeout=_BUSY_S,
        isolation_level=None,
    )
    connection.execute("PRAGMA query_only = 1")
    return connection


def _state(path: Path) -> tuple[object, ...]:
    """Return what changes with every commit; a commit in progress is an error."""
    with contextlib.suppress(FileNotFoundError), open(f"{path}{_JOURNAL}", "rb") as journal:
        if any(journal.read(_MAGIC_BYTES)):
            raise OSError(errno.EBUSY, "being written to; it will be read again", str(path))
    with open(path, "rb") as file:
        header = file.read(_HEADER_BYTES)
        status = os.fstat(file.fileno())
    return header, status.st_size, status.st_mtime_ns, status.st_ino, pending_status(str(path))


def _refuse_change(path: Path, before: tuple[object, ...]) -> None:
    if _state(path) != before:
        raise OSError(errno.EAGAIN, "changed while it was read; it will be read again", str(path))


def _errno_of(error: sqlite3.Error) -> int:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return NO_DATABASE
    return errno.EBUSY if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) else errno.EIO
