"""Writes the detail of logs, each piece in one transaction with how far it reaches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tokwatch.model.detail import (
    Block,
    Compaction,
    Delegation,
    Detail,
    DetailCursor,
    Flight,
    Incident,
    Turn,
)
from tokwatch.store.connect import Database, Row
from tokwatch.store.forget import forget, forget_strands
from tokwatch.store.statuses import found_path, stored_path
from tokwatch.store.write import salt_of

_COLUMNS: Final = {
    "block": (
        *("strand", "number", "workspace", "instant_ms", "part", "tool", "chars", "tokens"),
        *("digest", "subject", "call", "is_error", "request", "offset_bytes", "sketch"),
    ),
    "turn": (
        *("strand", "number", "begin_ms", "end_ms", "requests", "tool_calls", "interrupted"),
        *("finished", "workspace"),
    ),
    "compaction": (
        *("strand", "offset_bytes", "instant_ms", "before_tokens", "after_tokens", "cause"),
        *("keeps_from", "workspace"),
    ),
    "incident": (
        *("strand", "offset_bytes", "kind", "instant_ms", "status", "attempt", "workspace"),
    ),
    "delegation": (
        *("strand", "call", "instant_ms", "child", "kind", "tokens", "offset_bytes", "workspace"),
    ),
    "flight": ("strand", "identity", "instant_ms", "model", "workspace"),
}
_KEYS: Final = {
    "block": ("strand", "number"),
    "turn": ("strand", "number"),
    "compaction": ("strand", "offset_bytes"),
    "incident": ("strand", "offset_bytes", "kind"),
    "delegation": ("strand", "call"),
    "flight": ("strand", "identity"),
}


def upsert(table: str) -> str:
    """Return the statement that writes a row of a table over an earlier one of its key."""
    columns, keys = _COLUMNS[table], _KEYS[table]
    rest = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in keys)
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {rest}"
    )


UPSERTS: Final = {table: upsert(table) for table in _COLUMNS}
UPSERT_CURSOR: Final = (
    "INSERT INTO detail_log (log, workspace, version, size, mtime_ns, inode, offset_bytes, head,"
    " tail, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (log) DO UPDATE SET"
    " version = excluded.version, size = excluded.size, mtime_ns = excluded.mtime_ns,"
    " inode = excluded.inode, offset_bytes = excluded.offset_bytes, head = excluded.head,"
    " tail = excluded.tail, state = excluded.state"
)
_OF_LOG: Final = (
    "FROM detail_log d JOIN log g ON g.id = d.log WHERE g.workspace = ? AND g.machine = ?"
)
SELECT_STATUSES: Final = f"SELECT g.path, d.size, d.mtime_ns, d.inode, d.version {_OF_LOG}"
SELECT_CURSOR: Final = (
    "SELECT d.size, d.mtime_ns, d.inode, d.offset_bytes, d.head, d.tail, d.state, d.version"
    f" {_OF_LOG} AND g.path = ?"
)
UPSERT_STRAND: Final = (
    "INSERT INTO strand (workspace, log, session, agent) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (log, session, agent) DO UPDATE SET workspace = excluded.workspace RETURNING id"
)


class DetailWriter:
    """The one writer of the detail, for one workspace and machine."""

    def __init__(self, database: Database, workspace: int, machine: str) -> None:
        """Use the connection of who holds the ingest lock."""
        self._database = database
        self._workspace = workspace
        self._machine = machine
        self._salt = salt_of(workspace)

    def statuses(self) -> dict[str, DetailCursor]:
        """Return the status that each log had when its detail was read, by path; no positions."""
        return {
            found_path(path): DetailCursor(size, mtime_ns, int(inode), version=version)
            for path, size, mtime_ns, inode, version in self._database.rows(
                SELECT_STATUSES, (self._workspace, self._machine)
            )
        }

    def cursor(self, path: str) -> DetailCursor | None:
        """Return how far the detail of one log has been read."""
        for size, mtime_ns, inode, offset, head, tail, state, version in self._database.rows(
            SELECT_CURSOR, (self._workspace, self._machine, stored_path(path))
        ):
            found = (size, mtime_ns, int(inode), offset, bytes(head), bytes(tail), bytes(state))
            return DetailCursor(*found, version=version)
        return None

    def logs_of(self, source: str, session: str) -> list[str]:
        """Return the paths of the logs of a session, those of its agents too."""
        rows = self._database.rows(
            "SELECT path FROM log WHERE workspace = ? AND machine = ? AND source = ?"
            " AND session = ? UNION SELECT g.path FROM strand k JOIN log g ON g.id = k.log"
            " WHERE k.workspace = ? AND k.session = ? AND g.machine = ? AND g.source = ?",
            (
                *(self._workspace, self._machine, source, session),
                *(self._workspace, session, self._machine, source),
            ),
        )
        return sorted({found_path(row[0]) for row in (*rows, *self._shared(source, session))})

    def is_told(self, path: str, session: str) -> bool:
        """Tell whether a log of several sessions told anything of this one."""
        return (
            self._database.value(
                "SELECT 1 FROM strand k JOIN log g ON g.id = k.log WHERE k.workspace = ?"
                " AND k.session = ? AND g.machine = ? AND g.path = ? LIMIT 1",
                (self._workspace, session, self._machine, stored_path(path)),
            )
            is not None
        )

    def _shared(self, source: str, session: str) -> list[Row]:
        """Return the paths of logs of several sessions that told requests of this one."""
        if self._database.value(
            "SELECT 1 FROM log WHERE workspace = ? AND machine = ? AND source = ? AND session = ?"
            " LIMIT 1",
            (self._workspace, self._machine, source, session),
        ):
            return []
        told = (
            "SELECT DISTINCT g.path FROM scope s JOIN place p ON p.id = s.place"
            f" JOIN event e ON e.scope = s.id {copies} JOIN log g ON g.id = {log}"
            " WHERE s.workspace = ? AND s.session = ? AND p.source = ? AND p.machine = ?"
            for copies, log in (("", "e.log"), ("JOIN copy c ON c.key = e.key", "c.log"))
        )
        values = (self._workspace, session, source, self._machine)
        return self._database.rows(" UNION ".join(told), (*values, *values))

    def write(self, path: str, detail: Detail, cursor: DetailCursor, *, from_start: bool) -> bool:
        """Write a piece of a log's detail; False where the log itself is not known yet."""
        log = self._database.value(
            "SELECT id FROM log WHERE workspace = ? AND machine = ? AND path = ?",
            (self._workspace, self._machine, stored_path(path)),
        )
        if log is None:
            return False
        with self._database.transaction():
            if from_start:
                forget(self._database, str(int(log)))
            self._forget(log, detail.anew)
            self._write_rows(log, detail)
            self._database.execute(
                UPSERT_CURSOR,
                (
                    *(log, self._workspace, cursor.version, cursor.size, cursor.mtime_ns),
                    *(str(cursor.inode), cursor.offset, cursor.head, cursor.tail, cursor.state),
                ),
            )
        return True

    def _forget(self, log: int, anew: Iterable[tuple[str, str]]) -> None:
        """Forget agents' conversations, whatever log of the same tool and machine told them."""
        for session, agent in anew:
            found = self._database.rows(
                "SELECT k.id FROM strand k JOIN log g ON g.id = k.log JOIN log o ON o.id = ?"
                " WHERE k.workspace = ? AND k.session = ? AND k.agent = ?"
                " AND g.source = o.source AND g.machine = o.machine",
                (log, self._workspace, session, agent),
            )
            if found:
                forget_strands(self._database, ", ".join(str(int(row[0])) for row in found))

    def _write_rows(self, log: int, detail: Detail) -> None:
        strands = _Strands(self._database, self._workspace, log)
        self._write_blocks(strands, detail.blocks)
        self._database.execute(
            "DELETE FROM flight WHERE strand IN (SELECT id FROM strand WHERE log = ?)", (log,)
        )
        told: dict[str, list[tuple[object, ...]]] = {
            "turn": [(strands.of(one.session, one.agent), *_turn(one)) for one in detail.turns],
            "compaction": [
                (strands.of(one.session, one.agent), *_compaction(one))
                for one in detail.compactions
            ],
            "incident": [
                (strands.of(one.session, one.agent), *_incident(one)) for one in detail.incidents
            ],
            "delegation": [
                (strands.of(one.session, one.parent), *_delegation(one))
                for one in detail.delegations
            ],
            "flight": [
                (strands.of(one.session, one.agent), *_flight(one)) for one in detail.flights
            ],
        }
        for table, rows in told.items():
            self._put(table, [(*row, self._workspace) for row in rows])

    def _write_blocks(self, strands: _Strands, blocks: Iterable[Block]) -> None:
        rows: list[tuple[object, ...]] = []
        for one in blocks:
            strand, part = strands.of(one.session, one.agent), one.part.value
            rows.append(
                (
                    *(strand, one.number, self._workspace, one.instant_ms, part, one.tool),
                    *(one.chars, one.tokens, one.digest, one.subject, one.call),
                    int(one.is_error),
                    *(one.request and one.request ^ self._salt, one.offset, one.sketch),
                )
            )
        self._put("block", rows)

    def _put(self, table: str, rows: Iterable[tuple[object, ...]]) -> None:
        found = list(rows)
        if found:
            self._database.executemany(UPSERTS[table], found)


class _Strands:
    """The strands of one log by session and agent, made as they turn up."""

    def __init__(self, database: Database, workspace: int, log: int) -> None:
        self._database = database
        self._place = (workspace, log)
        self._known: dict[tuple[str, str], int] = {}

    def of(self, session: str, agent: str) -> int:
        """Return the row id of an agent's conversation."""
        found = self._known.get((session, agent))
        if found is None:
            found = int(self._database.value(UPSERT_STRAND, (*self._place, session, agent)))
            self._known[session, agent] = found
        return found


def _turn(one: Turn) -> tuple[object, ...]:
    counts = (one.number, one.begin_ms, one.end_ms, one.requests, one.tool_calls)
    return (*counts, int(one.interrupted), int(one.finished))


def _compaction(one: Compaction) -> tuple[object, ...]:
    sizes = (one.before, one.after)
    return (one.offset, one.instant_ms, *sizes, one.trigger, one.keeps_from)


def _incident(one: Incident) -> tuple[object, ...]:
    return one.offset, one.kind, one.instant_ms, one.status, one.attempt


def _delegation(one: Delegation) -> tuple[object, ...]:
    return one.call, one.instant_ms, one.child, one.kind, one.tokens, one.offset


def _flight(one: Flight) -> tuple[object, ...]:
    return one.identity, one.instant_ms, one.model
