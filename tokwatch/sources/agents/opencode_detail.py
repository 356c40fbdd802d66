"""Reads what the requests of sessions in OpenCode's databases are made of, session by session."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from tokwatch.model.detail import Detail
from tokwatch.sources.agents.opencode_records import Message, Messages, Session
from tokwatch.sources.agents.opencode_sessions import Sessions
from tokwatch.sources.agents.opencode_talk import Talk
from tokwatch.sources.archive import MESSAGE_ROW, Rows, read_archive
from tokwatch.sources.beside import fields, part, plain
from tokwatch.sources.columns import columns_of, rows_of
from tokwatch.sources.conversation import At, Conversation, decoded
from tokwatch.sources.counts import unix_ms
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.tables import open_tables

SECOND_ROW: Final = 2 * MESSAGE_ROW
"""Added to the row of a message of version 2."""
_TABLES: Final = ("session", "session_v2")
_FIRST: Final = "message"
_SECOND: Final = "session_message"
_PARTS: Final = "part"


class Row(NamedTuple):
    """One message of a database."""

    created_ms: int
    offset: int
    id: str
    kind: str
    """Of version 2; empty for one of version 1."""
    data: dict[str, Any]


def read_detail(source: str, log: LogFile, state: bytes) -> Detail:
    """Read the sessions that changed."""
    return read_archive(log, state, partial(_Database, source))


def record_at(path: Path, offset: int) -> object:
    """Return the messages that an offset names, with their parts; None where there are none.

    An event's own offset does not tell of which version its message is.
    """
    row = offset % MESSAGE_ROW
    named = {0: (_FIRST, _SECOND), 1: (_FIRST,), 2: (_SECOND,)}.get(offset // MESSAGE_ROW, ())
    found: dict[str, object] = {}
    with open_tables(path) as tables:
        for table in named:
            for told in rows_of(tables, table, ("id", "data"), "WHERE rowid = ?", (row,)):
                found[table] = decoded(plain(told["data"]))
                rest = "WHERE message_id = ? ORDER BY id"
                parts = rows_of(tables, _PARTS, ("data",), rest, (told["id"],))
                found["parts"] = [decoded(plain(one["data"])) for one in parts]
    return found or None


class _Database:
    """The sessions of one database."""

    rows = (Rows(_FIRST), Rows(_PARTS, is_inner=True), Rows(_SECOND))

    def __init__(self, name: str, tables: sqlite3.Connection) -> None:
        self.name = name
        self._tables = tables
        self._sessions = Sessions(tables)
        self._messages = Messages(self.name)
        self.parents = {
            row["id"]: row["parent_id"]
            for table in _TABLES
            for row in rows_of(tables, table, ("id", "parent_id"))
            if isinstance(row["parent_id"], str) and row["parent_id"]
        }

    def tell(self, session: str, talk: Conversation, agent: str) -> None:
        """Add the messages of a session in the order in which they were made."""
        about, parts = self._sessions.of(session), self._parts_of(session)
        taker = Talk(talk)
        for row in sorted((*self._firsts(session), *self._seconds(session)), key=by_time):
            if self._sessions.is_taken_over(session, row.created_ms):
                continue
            found = self._messages.find(
                *(row.data, (row.id, session), row.offset, row.created_ms),
                is_second=bool(row.kind),
            )
            key = key_of(found, about, self.name)
            at = At(row.created_ms, agent, row.offset)
            if row.kind:
                taker.take_second(at, row.kind, row.data, key)
            else:
                taker.take(at, row.data, parts.get(row.id, []), key)

    def _firsts(self, session: str) -> Iterator[Row]:
        columns = ("rowid", "id", "time_created", "data")
        for row in rows_of(self._tables, _FIRST, columns, "WHERE session_id = ?", (session,)):
            data = fields(decoded(plain(row["data"])))
            created = unix_ms(part(data, "time").get("created")) or unix_ms(row["time_created"])
            yield Row(created or 0, MESSAGE_ROW + row["rowid"], plain(row["id"]), "", data)

    def _seconds(self, session: str) -> Iterator[Row]:
        """Yield messages of version 2, but those that version 1 has too."""
        twins = set()
        if {"session_id", "time_created"} <= columns_of(self._tables, _FIRST):
            rest = "WHERE session_id = ?"
            first = rows_of(self._tables, _FIRST, ("time_created",), rest, (session,))
            twins = {row["time_created"] for row in first}
        columns = ("rowid", "id", "type", "time_created", "data")
        for row in rows_of(self._tables, _SECOND, columns, "WHERE session_id = ?", (session,)):
            if row["time_created"] not in twins:
                data = fields(decoded(plain(row["data"])))
                created = unix_ms(part(data, "time").get("created")) or unix_ms(row["time_created"])
                kind = plain(row["type"]) or "assistant"
                offset = SECOND_ROW + row["rowid"]
                yield Row(created or 0, offset, plain(row["id"]), kind, data)

    def _parts_of(self, session: str) -> dict[str, list[dict[str, Any]]]:
        """Return the parts of a session's messages, by message and in their order."""
        found: dict[str, list[dict[str, Any]]] = {}
        if "session_id" not in columns_of(self._tables, _FIRST):
            return found
        rest = f"WHERE message_id IN (SELECT id FROM {_FIRST} WHERE session_id = ?) ORDER BY id"
        for row in rows_of(self._tables, _PARTS, ("message_id", "data"), rest, (session,)):
            data = decoded(plain(row["data"]))
            if isinstance(data, dict):
                found.setdefault(plain(row["message_id"]), []).append(data)
        return found


def key_of(found: Message | None, about: Session, source: str) -> int:
    """Return the key under which an answer counts, if it does; a fork's copies share one."""
    if found is None:
        return 0
    is_copy = found.created_ms < about.created_ms
    return found.copy_key(source) if is_copy else found.key(source)


def by_time(row: Row) -> tuple[int, int]:
    """Return by what messages are ordered."""
    return row.created_ms, row.offset
