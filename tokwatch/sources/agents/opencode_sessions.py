"""OpenCode's sessions: which are sub-agents, which are forks, and which came from other tools."""

from __future__ import annotations

import sqlite3
from typing import Final

from tokwatch.sources.agents.opencode_records import Message, Session
from tokwatch.sources.columns import columns_of, rows_of
from tokwatch.sources.counts import unix_ms
from tokwatch.sources.text import name_in

_TABLES: Final = ("session_v2", "session")
_ABOUT: Final = ("parent_id", "directory", "time_created")
_IMPORTS: Final = ("external_import", "claude_import")
_IMPORTED_AT: Final = ("time_imported", "imported_at", "time_created", "created_at")


class Sessions:
    """Looks up the sessions of messages, each once."""

    def __init__(self, tables: sqlite3.Connection) -> None:
        """Note which sessions MiMo Code took over from other tools: it does so at every start."""
        self.parents: dict[str, str] = {}
        """By session: the one that started it, as far as was looked up."""
        self._tables = tables
        self._known: dict[str, Session] = {}
        self._names = [name for name in _TABLES if "id" in columns_of(tables, name)]
        self._imported: dict[str, int] = {}
        for name in _IMPORTS:
            for session, *times in self._imports(name):
                moments = [moment for moment in map(unix_ms, times) if moment]
                self._imported[name_in(session)] = moments[0] if moments else 0

    def of(self, session: str) -> Session:
        """Return what is told of a session, and note its ancestors."""
        pending = [session]
        while pending:
            name = pending.pop()
            if name not in self._known:
                self._known[name] = self._look_up(name)
                pending += [self.parents[name]] if name in self.parents else []
        return self._known[session]

    def is_copy(self, message: Message) -> bool:
        """Tell whether a message is older than its session: then it was made in another one."""
        return message.created_ms < self.of(message.session).created_ms

    def is_imported(self, message: Message) -> bool:
        """Tell whether a message was another tool's."""
        return self.is_taken_over(message.session, message.created_ms)

    def is_taken_over(self, session: str, created_ms: int) -> bool:
        """Tell whether what a session holds from an instant was another tool's."""
        until_ms = self._imported.get(session)
        return until_ms is not None and (not until_ms or created_ms < until_ms)

    def _look_up(self, session: str) -> Session:
        for name in self._names:
            for row in rows_of(self._tables, name, _ABOUT, "WHERE id = ?", (session,)):
                if parent := name_in(row["parent_id"]):
                    self.parents[session] = parent
                return Session(unix_ms(row["time_created"]) or 0, name_in(row["directory"]))
        return Session()

    def _imports(self, name: str) -> list[tuple[object, ...]]:
        if "session_id" not in columns_of(self._tables, name):
            return []
        rows = rows_of(self._tables, name, ("session_id", *_IMPORTED_AT))
        return [tuple(row.values()) for row in rows]
