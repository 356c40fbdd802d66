"""What each log looked like when it was read: what a look at unchanged logs needs, and no more."""

from __future__ import annotations

from tokwatch.store.connect import Database

Status = tuple[int, int, str, int]
"""Size, time of change (ns), inode and parser version of a log when it was read."""

# Bytes of a path that are no UTF-8, which Python keeps as lone surrogates and a database refuses.
_STORED = {0xDC80 + byte: 0x10FC80 + byte for byte in range(128)}
_FOUND = {stored: found for found, stored in _STORED.items()}


def statuses(database: Database, workspace: int, machine: str) -> dict[str, Status]:
    """Return the status of every known log by path."""
    rows = database.rows(
        "SELECT path, size, mtime_ns, inode, version FROM log WHERE workspace = ? AND machine = ?",
        (workspace, machine),
    )
    return {found_path(row[0]): row[1:] for row in rows}


def stored_path(path: str) -> str:
    """Return a path as the database takes it."""
    return path if path.isascii() else path.translate(_STORED)


def found_path(stored: str) -> str:
    """Return a path as the file system has it."""
    return stored if stored.isascii() else stored.translate(_FOUND)
