"""Reads what the requests of ZCode's sessions are made of; docs/detail.md has the rules.

Messages have parts as OpenCode's. Requests stand in a table of their own, and name no message:
they belong together by their times.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from tokwatch.model.detail import Detail
from tokwatch.model.event import event_key
from tokwatch.sources.agents.opencode_talk import Talk
from tokwatch.sources.agents.zcode import NAME
from tokwatch.sources.archive import MESSAGE_ROW, Rows, message_row, read_archive
from tokwatch.sources.beside import fields, part, plain
from tokwatch.sources.columns import ROW, columns_of, rows_of
from tokwatch.sources.conversation import At, Conversation, decoded
from tokwatch.sources.counts import count, unix_ms
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.pairing import paired
from tokwatch.sources.tables import open_tables

_COUNTS: Final = ("input_tokens", "output_tokens", "cache_read_input_tokens")
_USAGE: Final = (ROW, "id", "started_at", "completed_at", *_COUNTS, "reasoning_tokens")
_KINDS: Final = {"thinking": "reasoning", "tool_use": "tool"}
_ROLES: Final = {"model": "assistant"}


class _Message(NamedTuple):
    created_ms: int
    offset: int
    id: str
    data: dict[str, Any]


class _Request(NamedTuple):
    key: int
    at_ms: int
    tokens: dict[str, int]


def read_detail(log: LogFile, state: bytes) -> Detail:
    """Read the sessions that changed."""
    return read_archive(log, state, _Database)


def record_at(path: Path, offset: int) -> object:
    """Return the message or the request that an offset names; None where there is none."""
    row = message_row(offset)
    with open_tables(path) as tables:
        if row is None:
            names = sorted(columns_of(tables, "model_usage"))
            return next(rows_of(tables, "model_usage", names, "WHERE rowid = ?", (offset,)), None)
        for told in rows_of(tables, "message", ("id", "data"), "WHERE rowid = ?", (row,)):
            rest = "WHERE message_id = ? ORDER BY rowid"
            parts = rows_of(tables, "part", ("data",), rest, (told["id"],))
            found = [decoded(plain(one["data"])) for one in parts]
            return {"message": decoded(plain(told["data"])), "parts": found}
    return None


class _Database:
    """The sessions of one database."""

    rows = (Rows("message"), Rows("part", is_inner=True))

    def __init__(self, tables: sqlite3.Connection) -> None:
        self._tables = tables
        self.parents = {
            str(row["id"]): row["parent_id"]
            for row in rows_of(tables, "session", ("id", "parent_id"))
            if isinstance(row["parent_id"], str) and row["parent_id"]
        }

    def tell(self, session: str, talk: Conversation, agent: str) -> None:
        """Add the messages of a session, each answer with its request."""
        messages, parts = sorted(self._messages(session)), self._parts_of(session)
        requests = list(self._requests(session))
        answers = [one for one in messages if one.data.get("role") == "assistant"]
        pairs = paired([one.created_ms for one in answers], [one.at_ms for one in requests])
        of = {answers[place].offset: requests[request] for place, request in pairs}
        taker = Talk(talk)
        for one in messages:
            request, data = of.get(one.offset), one.data
            data = data if request is None else data | {"tokens": request.tokens}
            if part(data, "semantics").get("kind") == "compact_summary":
                data = data | {"role": "assistant", "summary": True}
            key = 0 if request is None else request.key
            taker.take(At(one.created_ms, agent, one.offset), data, parts.get(one.id, []), key)

    def _messages(self, session: str) -> Iterator[_Message]:
        columns = (ROW, "id", "time_created", "data")
        for row in rows_of(self._tables, "message", columns, "WHERE session_id = ?", (session,)):
            data = fields(decoded(plain(row["data"])))
            role = plain(data.get("role"))
            created = unix_ms(row["time_created"]) or unix_ms(part(data, "time").get("created"))
            told = data | {"role": _ROLES.get(role, role)}
            yield _Message(created or 0, MESSAGE_ROW + row[ROW], plain(row["id"]), told)

    def _requests(self, session: str) -> Iterator[_Request]:
        rest = "WHERE session_id = ? ORDER BY started_at, rowid"
        for row in rows_of(self._tables, "model_usage", _USAGE, rest, (session,)):
            if any(count(row[name]) for name in _COUNTS):
                name = str(row["id"]) if row["id"] else f"{session}:{row[ROW]}"
                moment = unix_ms(row["completed_at"]) or unix_ms(row["started_at"]) or 0
                told = {"output": row["output_tokens"], "reasoning": row["reasoning_tokens"]}
                counts = {name: count(value) for name, value in told.items()}
                yield _Request(event_key(NAME, name), moment, counts)

    def _parts_of(self, session: str) -> dict[str, list[dict[str, Any]]]:
        """Return the parts of a session's messages, spelt as OpenCode's."""
        found: dict[str, list[dict[str, Any]]] = {}
        rest = "WHERE session_id = ? ORDER BY rowid"
        for row in rows_of(self._tables, "part", ("message_id", "data"), rest, (session,)):
            told = fields(decoded(plain(row["data"])))
            found.setdefault(plain(row["message_id"]), []).append(_spelt(told))
        return found


def _spelt(told: dict[str, Any]) -> dict[str, Any]:
    kind = plain(told.get("type"))
    spelt = told | {"type": _KINDS.get(kind, kind)}
    if kind == "thinking":
        spelt["text"] = told.get("thinking") or told.get("text")
    if kind == "tool_use" and "state" not in told:
        spelt["state"] = {"input": told.get("input"), "status": "running"}
    return spelt
