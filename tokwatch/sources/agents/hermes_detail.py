"""Reads what Hermes's sessions are made of; which request an answer is of, nothing tells."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, Final

from tokwatch.model.detail import Detail
from tokwatch.sources.archive import MESSAGE_ROW, Rows, message_row, read_archive
from tokwatch.sources.beside import plain
from tokwatch.sources.chat_messages import take_message
from tokwatch.sources.columns import ROW, rows_of
from tokwatch.sources.conversation import At, Conversation, decoded, raw
from tokwatch.sources.counts import unix_ms
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.tables import open_tables

_MESSAGE: Final = (
    *(ROW, "role", "content", "tool_call_id", "tool_calls", "timestamp", "finish_reason"),
    *("reasoning", "reasoning_content"),
)
_SESSION: Final = (
    *(ROW, "id", "model", "billing_provider", "started_at", "ended_at", "message_count"),
    *("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"),
)
_STRUCTURED: Final = "\0json:"
"""Before content that is no text."""


def read_detail(log: LogFile, state: bytes) -> Detail:
    """Read the sessions that changed."""
    return read_archive(log, state, _Database)


def record_at(path: Path, offset: int) -> object:
    """Return the message or the session that an offset names; None where there is none."""
    row = message_row(offset)
    table, columns = ("sessions", _SESSION) if row is None else ("messages", _MESSAGE)
    with open_tables(path) as tables:
        rest = "WHERE rowid = ?"
        for told in rows_of(tables, table, columns, rest, (offset if row is None else row,)):
            return told if row is None else _message(told)
    return None


class _Database:
    """The sessions of one profile."""

    rows = (Rows("messages", at="timestamp", changed=""),)

    def __init__(self, tables: sqlite3.Connection) -> None:
        self.parents: dict[str, str] = {}
        self._tables = tables

    def tell(self, session: str, talk: Conversation, agent: str) -> None:
        """Add the system prompt and the messages of a session."""
        prompts = rows_of(self._tables, "sessions", ("system_prompt",), "WHERE id = ?", (session,))
        prompt = next((plain(row["system_prompt"]) for row in prompts), "")
        rest = "WHERE session_id = ? ORDER BY timestamp, rowid"
        for row in rows_of(self._tables, "messages", _MESSAGE, rest, (session,)):
            at = At(unix_ms(row["timestamp"]) or 0, agent, MESSAGE_ROW + row[ROW])
            talk.system(at, "", raw(prompt))
            take_message(talk, at, _message(row))


def _message(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as a message: what stands in it as JSON decoded."""
    content = plain(row["content"])
    if content.startswith(_STRUCTURED):
        row = row | {"content": decoded(content.removeprefix(_STRUCTURED))}
    return row | {"tool_calls": decoded(plain(row["tool_calls"]))}
