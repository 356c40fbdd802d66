"""Reads the title of a Copilot CLI session, for rows on the screen; it is never stored."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Final

from tokwatch.sources.beside import part, plain
from tokwatch.sources.columns import columns_of, hold
from tokwatch.sources.tables import is_database, open_tables
from tokwatch.sources.text import safe_title

_WINDOW: Final = 512 * 1024
_NAMES: Final = ("name:", "summary:")
_WORDS: Final = (
    "SELECT user_message FROM turns WHERE session_id = ? AND user_message IS NOT NULL"
    " ORDER BY turn_index LIMIT 1"
)


def title_of(path: Path, session: str) -> str:
    """Return the session's own name, or the first words of its first prompt."""
    if is_database(path.name):
        return safe_title(_in_store(path, session))
    return safe_title(_in_workspace(path.with_name("workspace.yaml")) or _first_words(path))


def _in_store(path: Path, session: str) -> str:
    try:
        with open_tables(path) as tables:
            hold(tables)
            return _summary(tables, session) or _prompt(tables, session)
    except OSError:
        return ""


def _summary(tables: sqlite3.Connection, session: str) -> str:
    if not columns_of(tables, "sessions") >= {"id", "summary"}:
        return ""
    rows = tables.execute("SELECT summary FROM sessions WHERE id = ?", (session,))
    return next((plain(summary) for (summary,) in rows), "")


def _prompt(tables: sqlite3.Connection, session: str) -> str:
    if not columns_of(tables, "turns") >= {"session_id", "turn_index", "user_message"}:
        return ""
    return next((plain(words) for (words,) in tables.execute(_WORDS, (session,))), "")


def _in_workspace(path: Path) -> str:
    try:
        lines = path.read_text("utf-8", "replace")[:_WINDOW].splitlines()
    except OSError:
        return ""
    told = {line.partition(":")[0] + ":": line.partition(":")[2].strip() for line in lines}
    names = (told.get(name, "").strip("\"'") for name in _NAMES)
    return next((name for name in names if name and name not in ("|-", "|", ">-", ">")), "")


def _first_words(path: Path) -> str:
    try:
        with path.open("rb") as file:
            head = file.read(_WINDOW)
    except OSError:
        return ""
    for line in head.split(b"\n"):
        if b'"user.message"' in line:
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(record, dict) and record.get("type") == "user.message":
                return plain(part(record, "data").get("content"))
    return ""
