"""The logs that were read: their cursors, and what decides between copies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from sys import intern
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tokwatch.model.reading import Cursor, Reading
from tokwatch.store.connect import Database, Row
from tokwatch.store.merge import LogFacts
from tokwatch.store.sql import GROW_LOG, INSERT_LOG, SELECT_CURSORS, SELECT_LOG_FACTS, UPSERT_LOG
from tokwatch.store.statuses import found_path, stored_path
from tokwatch.store.view import pieces

SHELVES: Final = 100


class KnownLog(Struct, frozen=True, gc=False):
    """A log's row id and cursor."""

    id: int
    cursor: Cursor


class Logs:
    """The rows of `log`, kept in memory while one process ingests."""

    def __init__(self, database: Database, workspace: int, machine: str, salt: int) -> None:
        """Start with nothing known; `salt` is what the workspace's keys are mixed with."""
        self._database = database
        self._workspace = workspace
        self._machine = machine
        self._salt = salt
        self._shelves: list[dict[str, KnownLog]] = []
        """By path, in several: one table of tens of thousands grows by half a megabyte at once."""

    def load(self) -> None:
        """Read every cursor from the store."""
        self._shelves = [{} for _ in range(SHELVES)]
        for row in self._database.each(SELECT_CURSORS, (self._workspace, self._machine)):
            self._keep(_known_log(row))

    def _shelf(self, path: str) -> dict[str, KnownLog]:
        return self._shelves[hash(path) % SHELVES]

    def _keep(self, log: KnownLog) -> None:
        self._shelf(log.cursor.path)[log.cursor.path] = log

    def cursor(self, path: str) -> Cursor | None:
        """Return how far a log has been read."""
        known = self._shelf(path).get(path)
        return None if known is None else known.cursor

    def cursors(self) -> Iterator[Cursor]:
        """Yield how far each log has been read."""
        return (log.cursor for logs in self._shelves for log in logs.values())

    def read_otherwise(self, reading: Reading) -> int | None:
        """Return the log's row id if another version of the parser read it before."""
        known = self._shelf(reading.cursor.path).get(reading.cursor.path)
        if known is None or not reading.from_start:
            return None
        return None if known.cursor.version == reading.cursor.version else known.id

    def write(self, reading: Reading) -> int:
        """Write a reading's cursor and lineage, and return the log's row id."""
        cursor, lineage = reading.cursor, reading.lineage
        known = self._shelf(cursor.path).get(cursor.path)
        tally = reading.tally
        row = (
            *(self._workspace, self._machine, stored_path(cursor.path), cursor.source),
            *(str(cursor.device), str(cursor.inode), cursor.size, cursor.mtime_ns),
            *(cursor.offset, cursor.head, cursor.tail, cursor.state, cursor.version),
            *(lineage.session, lineage.parent, lineage.begin_ms),
            *(self._salted(lineage.first_key), self._salted(lineage.second_key)),
            *(tally.lines, tally.glued_lines, tally.bad_lines, tally.oversized_lines),
            *(tally.undated, tally.synthetic, tally.unknown, tally.repeated, tally.sample),
        )
        found = self._database.made(INSERT_LOG, row) if known is None else None
        if found is None:
            is_more = known is not None and not reading.from_start
            found = int(self._database.value(GROW_LOG if is_more else UPSERT_LOG, row))
        self._keep(KnownLog(found, cursor))
        return found

    def rename(self, old: str, new: str) -> None:
        """Let a log that was moved keep its row and cursor."""
        known = self._shelf(old).pop(old)
        self._database.execute("UPDATE log SET path = ? WHERE id = ?", (stored_path(new), known.id))
        self._keep(KnownLog(known.id, replace(known.cursor, path=new)))

    def _salted(self, key: int | None) -> int | None:
        return None if key is None else key ^ self._salt

    def facts(self, ids: Iterable[int]) -> dict[int, LogFacts]:
        """Return what decides between copies, by row id."""
        found: dict[int, LogFacts] = {}
        for part in pieces(sorted(set(ids))):
            marks = ", ".join("?" * len(part))
            for row in self._database.rows(f"{SELECT_LOG_FACTS}({marks})", part):
                found[row[0]] = LogFacts(*row[1:])
        return found

    def set_own_starts(self, first_ms: Mapping[int, int | None]) -> None:
        """Write when the first request that only one log holds was made, by that log."""
        self._database.executemany(
            "UPDATE log SET own_start_ms = ? WHERE id = ?",
            [(start_ms, log) for log, start_ms in first_ms.items()],
        )


def _known_log(row: Row) -> KnownLog:
    identity, path, source, device, inode, *rest = row
    size, mtime_ns, offset, head, tail, state, version = rest
    cursor = Cursor(
        path=found_path(path),
        source=intern(source),
        device=int(device),
        inode=int(inode),
        size=size,
        mtime_ns=mtime_ns,
        offset=offset,
        head=bytes(head),
        tail=bytes(tail),
        state=bytes(state),
        version=version,
    )
    return KnownLog(identity, cursor)
