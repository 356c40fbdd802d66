"""The SQL of the hot path, and the column lists that it is made from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from tokwatch.model.units import QUARTER_MS
from tokwatch.store.merge import Counted

COUNTED: Final = Counted._fields
"""Columns that `event`, `copy` and the staging table share."""

MEASURES: Final = (
    "events",
    "requests",
    "input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "reasoning",
    "web_searches",
    "logged_nano",
    "computed_nano",
    "auto_nano",
    "unpriced_tokens",
    "uncosted_tokens",
    "lower_bound",
    "blind_prompt",
    "derived",
)
"""Columns that a roll-up cell sums."""


def _columns(names: tuple[str, ...], prefix: str = "") -> str:
    return ", ".join(prefix + name for name in names)


def _marks(count: int) -> str:
    return ", ".join("?" * count)


STAGE_COLUMNS: Final = (*COUNTED, "copies", "computed_nano")

DELTA_COLUMNS: Final = ("quarter_ms", "scope", "model", *MEASURES)

CREATE_TEMPORARY: Final = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS stage ("
    + ", ".join(f"{name} BIGINT" for name in STAGE_COLUMNS)
    + ")",
    "CREATE TEMPORARY TABLE IF NOT EXISTS touched (key BIGINT PRIMARY KEY)",
    "CREATE TEMPORARY TABLE IF NOT EXISTS delta ("
    + ", ".join(f"{name} BIGINT" for name in DELTA_COLUMNS)
    + ")",
    "CREATE TEMPORARY TABLE IF NOT EXISTS calendar (quarter_ms BIGINT PRIMARY KEY, day INTEGER)",
)

INSERT_STAGE: Final = (
    f"INSERT INTO stage ({_columns(STAGE_COLUMNS)}) VALUES ({_marks(len(STAGE_COLUMNS))})"
)
INSERT_DELTA: Final = (
    f"INSERT INTO delta ({_columns(DELTA_COLUMNS)}) VALUES ({_marks(len(DELTA_COLUMNS))})"
)
COPIES: Final = f"copy (workspace, {_columns(COUNTED)})"
KEEP_COPY: Final = " ON CONFLICT (key, log) DO UPDATE SET " + ", ".join(
    f"{name}=excluded.{name}" for name in COUNTED if name not in ("key", "log")
)
SELECT_COPIES: Final = f"SELECT {_columns(COUNTED)} FROM copy WHERE key IN "
SELECT_EVENTS: Final = f"SELECT {_columns(COUNTED)}, copies FROM event WHERE key IN "

_PROMPT: Final = (
    "coalesce({0}.input, 0) + coalesce({0}.cache_read, 0)"
    " + coalesce({0}.cache_write_5m, 0) + coalesce({0}.cache_write_1h, 0)"
)
INSERT_EVENTS: Final = (
    f"INSERT OR ROLLBACK INTO event (workspace, {_columns(STAGE_COLUMNS)})"
    f" SELECT ?, {_columns(STAGE_COLUMNS)} FROM stage"
)


EVENTS: Final = f"event (workspace, {_columns(STAGE_COLUMNS)})"


def event_marks(workspace: int, lacking: Sequence[int] = ()) -> str:
    """Return the marks of an event's values: those of a row of `stage`, but for some places."""
    marks = ("NULL" if place in lacking else "?" for place in range(len(STAGE_COLUMNS)))
    return f"({workspace:d}, {', '.join(marks)})"


DROP_PRUNED: Final = (
    "DELETE FROM stage WHERE EXISTS (SELECT 1 FROM pruned p WHERE p.key = stage.key)"
)
FIND_CONTESTED: Final = (
    "INSERT INTO touched (key)"
    " SELECT key FROM stage GROUP BY key HAVING count(*) > 1"
    " UNION SELECT key FROM stage WHERE grade = 2"
    " UNION SELECT s.key FROM stage s JOIN event e ON e.key = s.key"
    " UNION SELECT s.key FROM stage s JOIN copy c ON c.key = s.key"
)
TOUCH: Final = "INSERT INTO touched (key) VALUES (?) ON CONFLICT (key) DO NOTHING"
TAKE_CONTESTED: Final = (
    f"SELECT {_columns(COUNTED)} FROM stage WHERE key IN (SELECT key FROM touched)"
)
DROP_CONTESTED: Final = "DELETE FROM stage WHERE key IN (SELECT key FROM touched)"
FIRST_STAGED: Final = "SELECT log, min(first_ms) FROM stage WHERE grade = 1 GROUP BY log"

_MEASURED: Final = (
    "1",
    "e.requests",
    "coalesce(e.input, 0)",
    "coalesce(e.cache_read, 0)",
    "coalesce(e.cache_write_5m, 0)",
    "coalesce(e.cache_write_1h, 0)",
    "coalesce(e.output, 0)",
    "coalesce(e.reasoning, 0)",
    "e.web_searches",
    "coalesce(e.logged_nano, 0)",
    "coalesce(e.computed_nano, 0)",
    "coalesce(e.logged_nano, e.computed_nano, 0)",
    f"CASE WHEN e.computed_nano IS NULL THEN {_PROMPT.format('e')} + coalesce(e.output, 0)"
    " ELSE 0 END",
    "CASE WHEN e.computed_nano IS NULL AND e.logged_nano IS NULL"
    f" THEN {_PROMPT.format('e')} + coalesce(e.output, 0) ELSE 0 END",
    "CASE WHEN e.final = 0 THEN e.requests ELSE 0 END",
    f"CASE WHEN e.cache_read IS NULL THEN {_PROMPT.format('e')} ELSE 0 END",
    "CASE WHEN e.grade = -1 THEN e.requests ELSE 0 END",
)
_QUARTER: Final = f"e.instant_ms / {QUARTER_MS} * {QUARTER_MS}"


def delta_of(source: str, sign: int) -> str:
    """Return the statement that adds the measures of some events to the pending changes."""
    sums = ", ".join(f"{sign} * sum({measure})" for measure in _MEASURED)
    return (
        f"INSERT INTO delta ({_columns(DELTA_COLUMNS)})"
        f" SELECT {_QUARTER}, e.scope, e.model, {sums}"
        f" FROM {source} GROUP BY 1, 2, 3"
    )


def _upsert(table: str, dimensions: tuple[str, ...], select: str, source: str) -> str:
    sums = ", ".join(f"sum(d.{name})" for name in MEASURES)
    return (
        f"INSERT INTO {table} (workspace, {_columns(dimensions)}, {_columns(MEASURES)})"
        f" SELECT ?, {select}, {sums} FROM {source} GROUP BY {select}{_grown(table, dimensions)}"
    )


def _upsert_each(table: str, dimensions: tuple[str, ...]) -> str:
    """Return what adds one change after the other: cheaper than to group them.

    For SQLite; PostgreSQL changes no cell twice in one statement.
    """
    return (
        f"INSERT INTO {table} (workspace, {_columns(dimensions)}, {_columns(MEASURES)})"
        f" SELECT ?, {_columns(dimensions)}, {_columns(MEASURES)} FROM delta WHERE true"
        + _grown(table, dimensions)
    )


def _grown(table: str, dimensions: tuple[str, ...]) -> str:
    grown = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in MEASURES)
    return f" ON CONFLICT (workspace, {_columns(dimensions)}) DO UPDATE SET {grown}"


_QUARTER_CELL: Final = ("quarter_ms", "scope", "model")
_TOTAL_CELL: Final = ("scope", "model")
GROW_ROLLUPS: Final = (
    _upsert("quarter", _QUARTER_CELL, _columns(_QUARTER_CELL, "d."), "delta d WHERE true"),
    _upsert(
        "day",
        ("day", "place", "model"),
        "k.day, o.place, d.model",
        "delta d JOIN calendar k ON k.quarter_ms = d.quarter_ms"
        " JOIN scope o ON o.id = d.scope WHERE true",
    ),
    _upsert("total", _TOTAL_CELL, _columns(_TOTAL_CELL, "d."), "delta d WHERE true"),
)
"""Each takes the workspace."""

GROW_SQLITE: Final = (
    _upsert_each("quarter", _QUARTER_CELL),
    GROW_ROLLUPS[1],
    _upsert_each("total", _TOTAL_CELL),
)
"""The same, for SQLite."""

DROP_EMPTY_CELLS: Final = (
    "DELETE FROM quarter WHERE workspace = ? AND events = 0 AND quarter_ms IN"
    " (SELECT quarter_ms FROM delta WHERE events < 0)",
    "DELETE FROM day WHERE workspace = ? AND events = 0 AND day IN (SELECT day FROM calendar)",
    "DELETE FROM total WHERE workspace = ? AND events = 0 AND scope IN"
    " (SELECT scope FROM delta WHERE events < 0)",
)

_LOG_KEY: Final = ("workspace", "machine", "path")
_CURSOR: Final = (
    *("source", "device", "inode", "size", "mtime_ns", "offset_bytes", "head", "tail", "state"),
    "version",
)
_LINEAGE: Final = ("session", "parent", "begin_ms", "first_key", "second_key")
_COUNTS: Final = (
    *("lines", "glued_lines", "bad_lines", "oversized_lines", "undated", "synthetic", "unknown"),
    "repeated",
)
_LOG: Final = (*_LOG_KEY, *_CURSOR, *_LINEAGE, *_COUNTS, "sample")
INSERT_LOG: Final = f"INSERT INTO log ({_columns(_LOG)}) VALUES ({_marks(len(_LOG))})"


def _upsert_log(counts: Iterable[str]) -> str:
    """Return the statement that writes a log over what was known of it; `counts` says how."""
    moved = (f"{name}=excluded.{name}" for name in (*_CURSOR, *_LINEAGE))
    return (
        f"{INSERT_LOG} ON CONFLICT ({_columns(_LOG_KEY)})"
        f" DO UPDATE SET {', '.join((*moved, *counts))} RETURNING id"
    )


UPSERT_LOG: Final = _upsert_log(f"{name}=excluded.{name}" for name in (*_COUNTS, "sample"))
"""Of a log that was read from its start."""
GROW_LOG: Final = _upsert_log(
    (
        *(f"{name}=log.{name} + excluded.{name}" for name in _COUNTS),
        "sample=CASE excluded.sample WHEN '' THEN log.sample ELSE excluded.sample END",
    )
)
"""Of one that was read on: its counts are added."""
SELECT_CURSORS: Final = (
    f"SELECT id, path, {_columns(_CURSOR)} FROM log WHERE workspace = ? AND machine = ?"
)
SELECT_LOG_FACTS: Final = (
    "SELECT id, path, session, parent, begin_ms, first_key, second_key, own_start_ms,"
    " machine FROM log WHERE id IN "
)
UPSERT_LEDGER: Final = (
    "INSERT INTO ledger (workspace, log, session, model, instant_ms, input, cache_read,"
    " cache_write_5m, cache_write_1h, output, reasoning, web_searches, cost_nano)"
    f" VALUES ({_marks(13)}) ON CONFLICT (log, model) DO UPDATE SET session=excluded.session,"
    " instant_ms=excluded.instant_ms, input=excluded.input, cache_read=excluded.cache_read,"
    " cache_write_5m=excluded.cache_write_5m, cache_write_1h=excluded.cache_write_1h,"
    " output=excluded.output, reasoning=excluded.reasoning,"
    " web_searches=excluded.web_searches, cost_nano=excluded.cost_nano"
)
UPSERT_AGENT: Final = (
    "INSERT INTO agent (workspace, source, session, agent, kind, parent) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (workspace, source, session, agent) DO UPDATE SET kind=excluded.kind,"
    " parent=excluded.parent"
)
UPSERT_STRETCH: Final = (
    "INSERT INTO stretch (key, log, workspace, counter, begins, ends, since_ms)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key, log) DO UPDATE SET"
    " counter=excluded.counter, begins=excluded.begins, ends=excluded.ends,"
    " since_ms=excluded.since_ms"
)
UPSERT_FACT: Final = (
    "INSERT INTO request_fact (workspace, key, log, name, value)"
    " SELECT CAST(? AS INTEGER), CAST(? AS BIGINT), CAST(? AS INTEGER), CAST(? AS TEXT),"
    " CAST(? AS BIGINT) WHERE NOT EXISTS (SELECT 1 FROM pruned WHERE key = ?)"
    " ON CONFLICT (key, log, name) DO UPDATE SET value=excluded.value"
)
"""Takes the key twice: what was pruned does not come back."""
OWN_START: Final = (
    "SELECT min(first_ms) FROM (SELECT first_ms FROM event WHERE log = ? AND copies = 1"
    " AND grade = 1 AND scope IN (SELECT id FROM scope WHERE workspace = ? AND session = ?)"
    " UNION ALL SELECT c.first_ms FROM copy c WHERE c.log = ? AND c.grade = 1 AND NOT EXISTS"
    " (SELECT 1 FROM copy o WHERE o.key = c.key AND o.log <> c.log AND o.grade > -2)) f"
)
