"""Which columns a better-ccflare database has, and the query for its rows."""

from __future__ import annotations

import sqlite3
from typing import Final, NamedTuple

_WANTED: Final = (
    *("id", "timestamp", "path", "status_code", "response_time_ms", "failover_attempts", "model"),
    *("prompt_tokens", "completion_tokens", "cost_usd", "input_tokens", "cache_read_input_tokens"),
    *("cache_creation_input_tokens", "output_tokens", "project", "api_key_name"),
)
_PIECE: Final = 1600
"""Characters of a response's text as it is kept, in base64: a multiple of four."""

LAST_ROW: Final = "SELECT max(rowid), max(timestamp) FROM requests"
ANY_PAYLOAD: Final = "SELECT 1 FROM request_payloads LIMIT 1"


class Columns(NamedTuple):
    """What a database has of what is wanted: it grew from version to version."""

    requests: frozenset[str]
    payloads: bool
    accounts: bool

    @classmethod
    def of(cls, database: sqlite3.Connection) -> Columns:
        """Look at the tables."""
        payloads, accounts = (_columns(database, name) for name in ("request_payloads", "accounts"))
        return cls(
            _columns(database, "requests"),
            {"id", "json"} <= payloads,
            {"id", "name"} <= accounts and "account_used" in _columns(database, "requests"),
        )

    @property
    def is_known(self) -> bool:
        """Tell whether these can be rows of requests at all."""
        return {"id", "timestamp"} <= self.requests

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the query's columns."""
        return ("rowid", *_WANTED, "account", "head", "tail", "session")


def rows_query(columns: Columns) -> str:
    """Return the query for a page of the rows that are new, by row, or recent, by time."""
    wanted = (f"r.{name}" if name in columns.requests else "NULL" for name in _WANTED)
    account = "a.name" if columns.accounts else "NULL"
    joins = "LEFT JOIN accounts a ON a.id = r.account_used " if columns.accounts else ""
    if columns.payloads:
        joins += "LEFT JOIN request_payloads p ON p.id = r.id "
    return (
        f"SELECT r.rowid, {', '.join(wanted)}, {account}, {_pieces(columns.payloads)}"
        f" FROM requests r {joins}"
        "WHERE (r.rowid > ? OR r.timestamp > ?) AND r.rowid > ? ORDER BY r.rowid LIMIT ?"
    )


def _pieces(is_kept: bool) -> str:
    """Return the beginning and end of the response, and the session that the request named."""
    if not is_kept:
        return "NULL, NULL, NULL"
    body, session = "$.response.body", '$.request.headers."x-claude-code-session-id"'
    texts = (
        f"substr(json_extract(p.json, '{body}'), 1, {_PIECE})",
        f"substr(json_extract(p.json, '{body}'), -{_PIECE})",
        f"json_extract(p.json, '{session}')",
    )
    is_json = "typeof(p.json) = 'text' AND json_valid(p.json)"
    return ", ".join(f"CASE WHEN {is_json} THEN {text} END" for text in texts)


def _columns(database: sqlite3.Connection, table: str) -> frozenset[str]:
    found = database.execute("SELECT name FROM pragma_table_info(?)", (table,))
    return frozenset(str(name) for (name,) in found)
