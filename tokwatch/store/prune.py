"""Deletes old events and keeps their sums: what `[retention] events_days` asks for.

Sessions go as a whole, with those they share requests with, so that no living one loses a part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from tokwatch.model.units import DAY_MS
from tokwatch.store.connect import Database
from tokwatch.store.forget import forget, forget_strands
from tokwatch.store.rollups import PRUNED
from tokwatch.store.store import set_setting, setting

_TEMPORARY: Final = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS leaving (scope INTEGER PRIMARY KEY)",
    "CREATE TEMPORARY TABLE IF NOT EXISTS leaving_log (log INTEGER PRIMARY KEY)",
    "DELETE FROM leaving",
    "DELETE FROM leaving_log",
)
_LAST: Final = (
    "SELECT s.id, s.session, (SELECT max(e.instant_ms) FROM event e WHERE e.scope = s.id)"
    " FROM scope s WHERE s.workspace = ?"
)
_SHARED: Final = (
    "SELECT DISTINCT c.key, l.session FROM copy c JOIN log l ON l.id = c.log WHERE c.workspace = ?"
    " UNION SELECT DISTINCT c.key, s.session FROM copy c JOIN event e ON e.key = c.key"
    " JOIN scope s ON s.id = e.scope WHERE c.workspace = ?"
)
_EVENTS: Final = "FROM event WHERE scope IN (SELECT scope FROM leaving)"
_STRANDS: Final = (
    "SELECT id FROM strand WHERE session <> '' AND session IN"
    " (SELECT session FROM scope WHERE id IN (SELECT scope FROM leaving))"
)
"""Conversations in logs of several sessions."""
_COPIES: Final = "FROM copy WHERE log IN (SELECT log FROM leaving_log)"


class Prunable(Struct, frozen=True):
    """The events that go: those of sessions that ended before an instant."""

    before_ms: int
    events: int = 0
    sessions: int = 0
    tokens: int = 0
    first_ms: int | None = None
    last_ms: int | None = None


def retention_begin_ms(now_ms: int, days: int) -> int:
    """Return the instant before which events are too old; it moves once a day."""
    return (now_ms // DAY_MS - days) * DAY_MS


def retain(database: Database, workspace: int, days: int, now_ms: int) -> int:
    """Prune what is older than some days, at most once a day; return how many events went.

    No days means for ever.
    """
    before_ms = retention_begin_ms(now_ms, days)
    if days == 0 or int(setting(database, workspace, PRUNED) or 0) >= before_ms:
        return 0
    return prune(database, workspace, before_ms).events


def prunable(database: Database, workspace: int, before_ms: int) -> Prunable:
    """Return what pruning would delete; changes nothing."""
    with database.snapshot():
        return _mark(database, workspace, before_ms)


def prune(database: Database, workspace: int, before_ms: int) -> Prunable:
    """Delete events of sessions that ended before an instant; they never come back."""
    with database.transaction():
        found = _mark(database, workspace, before_ms)
        for keys in (f"SELECT key {_EVENTS}", f"SELECT DISTINCT key {_COPIES}"):
            database.execute(
                f"INSERT INTO pruned (key, workspace) SELECT k.key, {workspace:d} FROM ({keys}) k"
                " WHERE true ON CONFLICT (key) DO NOTHING"
            )
        database.script(
            (
                f"DELETE FROM request_fact WHERE key IN (SELECT key {_EVENTS})",
                "DELETE FROM request_fact WHERE log IN (SELECT log FROM leaving_log)",
                f"DELETE FROM copy WHERE key IN (SELECT key {_EVENTS})",
                *(f"DELETE {_COPIES}", f"DELETE {_EVENTS}"),
            )
        )
        forget_strands(database, _STRANDS)
        forget(database, "SELECT log FROM leaving_log")
        database.execute(
            "DELETE FROM usage_bucket WHERE workspace = ? AND begin_ms < ?", (workspace, before_ms)
        )
        kept_ms = int(setting(database, workspace, PRUNED) or 0)
        set_setting(database, workspace, PRUNED, str(max(before_ms, kept_ms)))
    return found


def _mark(database: Database, workspace: int, before_ms: int) -> Prunable:
    """Note whose events leave, in temporary tables, and return how many they are."""
    database.script(_TEMPORARY)
    last: defaultdict[str, int] = defaultdict(int)
    scopes: defaultdict[str, list[int]] = defaultdict(list)
    for scope, session, last_ms in database.rows(_LAST, (workspace,)):
        last[session] = max(last[session], last_ms or 0)
        scopes[session].append(scope)
    living = {session for session, last_ms in last.items() if last_ms >= before_ms}
    living |= _relatives(living, database.rows(_SHARED, (workspace, workspace)))
    leaving = [session for session in last if session not in living]
    database.executemany(
        "INSERT INTO leaving (scope) VALUES (?)",
        [(scope,) for session in leaving for scope in scopes[session]],
    )
    logs = database.rows("SELECT id, session FROM log WHERE workspace = ?", (workspace,))
    database.executemany(
        "INSERT INTO leaving_log (log) VALUES (?)",
        [(log,) for log, session in logs if session in last and session not in living],
    )
    return _counted(database, before_ms)


def _relatives(living: Iterable[str], shared: Iterable[tuple[int, str]]) -> set[str]:
    """Return every session that shares requests with a living one, over any number of others."""
    keys: defaultdict[str, list[int]] = defaultdict(list)
    holders: defaultdict[int, list[str]] = defaultdict(list)
    for key, session in shared:
        keys[session].append(key)
        holders[key].append(session)
    found: set[str] = set()
    pending = list(living)
    while pending:
        for key in keys.pop(pending.pop(), ()):
            relatives = set(holders.pop(key, ())) - found
            found |= relatives
            pending += relatives
    return found


def _counted(database: Database, before_ms: int) -> Prunable:
    tokens = " + ".join(
        f"coalesce({name}, 0)"
        for name in ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
    )
    [row] = database.rows(
        f"SELECT count(*), CAST(coalesce(sum({tokens}), 0) AS BIGINT), min(instant_ms),"
        f" max(instant_ms) {_EVENTS}"
    )
    sessions = database.value(
        "SELECT count(*) FROM (SELECT DISTINCT session FROM scope WHERE id IN"
        f" (SELECT scope {_EVENTS})) s"
    )
    return Prunable(before_ms, row[0], sessions, row[1], row[2], row[3])
