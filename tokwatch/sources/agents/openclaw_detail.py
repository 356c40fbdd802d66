"""Reads what the requests of the sessions in an OpenClaw agent's database are made of."""

from __future__ import annotations

import sqlite3
from functools import partial
from pathlib import Path
from typing import Final

from tokwatch.model.detail import Detail
from tokwatch.sources.agents.pi_detail import Talk, TalkState
from tokwatch.sources.archive import MESSAGE_ROW, Rows, read_archive
from tokwatch.sources.beside import fields, plain
from tokwatch.sources.columns import rows_of
from tokwatch.sources.conversation import Conversation, decoded
from tokwatch.sources.log_file import LogFile
from tokwatch.sources.tables import open_tables
from tokwatch.sources.text import safe_name

_TABLE: Final = "transcript_events"


def read_tables(source: str, log: LogFile, state: bytes) -> Detail:
    """Read the sessions that changed."""
    return read_archive(log, state, partial(_Database, source))


def row_at(path: Path, offset: int) -> object:
    """Return the entry that an offset names; None where there is none."""
    with open_tables(path) as tables:
        rest = "WHERE rowid = ?"
        for row in rows_of(tables, _TABLE, ("event_json",), rest, (offset % MESSAGE_ROW,)):
            return decoded(plain(row["event_json"]))
    return None


class _Database:
    """The sessions of one agent."""

    rows = (Rows(_TABLE, at="created_at"),)

    def __init__(self, source: str, tables: sqlite3.Connection) -> None:
        self.parents: dict[str, str] = {}
        self._source = source
        self._tables = tables

    def tell(self, session: str, talk: Conversation, agent: str) -> None:
        """Add the entries of a session."""
        state = TalkState(memory=talk.memory)
        state.usage.session = safe_name(session)
        taker = Talk(talk, self._source, state, agent)
        columns = ("rowid", "event_json")
        rest = "WHERE session_id = ? ORDER BY seq"
        for row in rows_of(self._tables, _TABLE, columns, rest, (session,)):
            taker.take(MESSAGE_ROW + row["rowid"], fields(decoded(plain(row["event_json"]))))
