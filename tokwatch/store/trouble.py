"""Says in words what a database could not do; errors of SQL itself are not for the user."""

from __future__ import annotations

import sqlite3
from typing import Final

from tokwatch.errors import TokwatchError

Words = tuple[str, str]
"""A message and a hint."""

_SQLITE: Final[dict[int, Words]] = {
    sqlite3.SQLITE_BUSY: (
        "the store is locked by another process",
        "End what else writes to it, then try again: nothing was lost.",
    ),
    sqlite3.SQLITE_READONLY: (
        "the store cannot be written to",
        "Check the permissions of its file and folder.",
    ),
    sqlite3.SQLITE_FULL: (
        "the disk of the store is full",
        "Make room, then start again: what was not written is read from the logs once more.",
    ),
    sqlite3.SQLITE_IOERR: (
        "the store's disk reports an error",
        "Check the disk and its free space; what was not written is read from the logs once more.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "the store's file cannot be opened",
        "Check that it is there, and the permissions of its folder.",
    ),
}
_SQLITE[sqlite3.SQLITE_LOCKED] = _SQLITE[sqlite3.SQLITE_BUSY]
_DAMAGED: Final = (
    "the store's file is damaged",
    "Move it away and start again: what the logs still hold is read anew.",
)
_SQLITE[sqlite3.SQLITE_CORRUPT] = _SQLITE[sqlite3.SQLITE_NOTADB] = _DAMAGED

_POSTGRES: Final[dict[str, Words]] = {
    "55P03": _SQLITE[sqlite3.SQLITE_BUSY],
    "40P01": _SQLITE[sqlite3.SQLITE_BUSY],
    "53100": _SQLITE[sqlite3.SQLITE_FULL],
    "25006": ("the store cannot be written to", "Check the rights of the user in [store] url."),
    "42501": ("the store refuses this user", "Check the rights of the user in [store] url."),
}
_CONNECTION: Final = (
    "the connection to the store's PostgreSQL server is lost",
    "Check that the server runs; what was not written is read from the logs once more.",
)


def told(error: Exception, name: str) -> TokwatchError | None:
    """Return a driver's error in the user's words, or None where it is a mistake of ours."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        # The low byte is the primary code; the rest says more closely what failed.
        words = None if code is None else _SQLITE.get(code & 0xFF)
    else:
        # psycopg is an extra: its errors are known by their SQLSTATE, a lost connection has none.
        state: str = getattr(error, "sqlstate", None) or type(error).__name__
        is_lost = state.startswith(("08", "57P", "OperationalError", "InterfaceError"))
        words = _CONNECTION if is_lost else _POSTGRES.get(state)
    return None if words is None else TokwatchError(f"{words[0]}: {name}", words[1])
