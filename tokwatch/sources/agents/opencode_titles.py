"""Reads the title of an OpenCode session, for rows on the screen; it is never stored."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Final

from tokwatch.sources.agents.opencode_files import title_beside
from tokwatch.sources.columns import columns_of, hold
from tokwatch.sources.tables import open_tables
from tokwatch.sources.text import safe_title

_DEFAULT: Final = re.compile(r"(New|Child) session - \d{4}-")
_FIRST_WORDS: Final = {
    "session_message": "SELECT json_extract(data, '$.text') FROM session_message"
    " WHERE session_id = ? AND type = 'user' AND json_valid(data) ORDER BY seq LIMIT 1",
    "part": "SELECT json_extract(data, '$.text') FROM part WHERE session_id = ?"
    " AND json_valid(data) AND json_extract(data, '$.type') = 'text' ORDER BY id LIMIT 1",
}
_NEEDED: Final = {
    "session_message": {"session_id", "type", "data", "seq"},
    "part": {"id", "session_id", "data"},
}


def title_of(path: Path, session: str) -> str:
    """Return the session's own title, or the first words of its first prompt."""
    if path.suffix == ".json":
        return safe_title(title_beside(path, session))
    try:
        with open_tables(path) as tables:
            hold(tables)
            return safe_title(_title(tables, session) or _words(tables, session))
    except OSError:
        return ""


def _title(tables: sqlite3.Connection, session: str) -> str:
    for table in ("session_v2", "session"):
        if columns_of(tables, table) >= {"id", "title"}:
            for (title,) in tables.execute(f"SELECT title FROM {table} WHERE id = ?", (session,)):
                if isinstance(title, str) and not _DEFAULT.match(title):
                    return title
    return ""


def _words(tables: sqlite3.Connection, session: str) -> str:
    for table, sql in _FIRST_WORDS.items():
        if columns_of(tables, table) >= _NEEDED[table]:
            for (text,) in tables.execute(sql, (session,)):
                if isinstance(text, str):
                    return text
    return ""
