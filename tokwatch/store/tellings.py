"""What each log told, read back so that another store can settle it again; see docs/machines.md."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct, field

from tokwatch.model.event import ModelName, RequestFact, Scope, Sighting, Stretch
from tokwatch.model.measure import Measure
from tokwatch.model.reading import AgentNote, Cursor, LedgerLine, Lineage, Reading, Tally
from tokwatch.model.units import OPEN_END_MS
from tokwatch.model.usage import Slice
from tokwatch.store.connect import Database, Row
from tokwatch.store.joint import read_counts
from tokwatch.store.sql import COUNTED
from tokwatch.store.statuses import found_path, stored_path
from tokwatch.store.view import IMPORTED, SCOPE, among
from tokwatch.store.write import salt_of

MOST_SIGHTINGS: Final = 200_000
MOST_LOGS: Final = 2_000
"""How much is held in memory at once."""

_LOG: Final = (
    "SELECT id, machine, path, source, device, inode, size, mtime_ns, offset_bytes, head, tail,"
    " state, version, session, parent, begin_ms, first_key, second_key, lines, glued_lines,"
    " bad_lines, oversized_lines, undated, synthetic, unknown, repeated, sample FROM log"
)
_SIGHTINGS: Final = ", ".join(f"t.{name}" for name in COUNTED)
_HELD: Final = (
    "SELECT t.log FROM event t WHERE t.workspace = ? AND t.copies < 2{0}"
    " UNION ALL SELECT t.log FROM copy t WHERE t.workspace = ?{0}"
)


class Telling(Struct, frozen=True):
    """All that one log of one machine told."""

    machine: str
    """Empty for this store's own machine while it has no label."""
    reading: Reading
    told_ms: int | None = None
    """When its own store told it; None where this is that store."""


class _Held(Struct):
    """What the tables hold of some logs, by the log's row id."""

    sightings: defaultdict[int, list[Sighting]] = field(default_factory=lambda: defaultdict(list))
    ledger: defaultdict[int, list[LedgerLine]] = field(default_factory=lambda: defaultdict(list))
    facts: defaultdict[int, list[RequestFact]] = field(default_factory=lambda: defaultdict(list))
    stretches: defaultdict[int, list[Stretch]] = field(default_factory=lambda: defaultdict(list))
    measures: defaultdict[int, list[Measure]] = field(default_factory=lambda: defaultdict(list))


class Tellings:
    """Reads what the logs of one workspace told; run it in one snapshot of the store."""

    def __init__(self, database: Database, workspace: int) -> None:
        """Read the names that sightings refer to."""
        self._database = database
        self._workspace = workspace
        self._salt = salt_of(workspace)
        self._scopes: dict[int, Scope] = {}
        self._models: dict[int, ModelName] = {}
        self._notes: dict[tuple[str, str], list[AgentNote]] = {}

    def all(self, part: Slice = Slice()) -> Iterator[Telling]:  # noqa: B008 -- frozen
        """Yield what each log told that has a request in the range, whole; in order of reading.

        Without a range every log is told, also one that holds no request.
        """
        self._read_names()
        for rows in self._portions(part):
            held = self._held([row[0] for row in rows])
            for row in rows:
                yield self._telling(row, held)

    def of(self, machine: str, path: str) -> tuple[int, Reading] | None:
        """Return a log's row id and what it told, its requests left out."""
        rows = self._database.rows(
            f"{_LOG} WHERE workspace = ? AND machine = ? AND path = ?",
            (self._workspace, machine, stored_path(path)),
        )
        return (rows[0][0], self._telling(rows[0], _Held()).reading) if rows else None

    def tracked(self) -> list[Measure]:
        """Return the measures that no log told."""
        return self._measures((0,))[0]

    def _portions(self, part: Slice) -> Iterator[list[Row]]:
        """Yield the rows of logs, so many at once as memory has room for."""
        counts = self._counts(part)
        is_all = part.since_ms <= 0 and part.until_ms >= OPEN_END_MS
        wanted = f" AND {among('source', part.sources)}" if part.sources else ""
        rows = self._database.rows(
            f"{_LOG} WHERE workspace = ?{wanted} ORDER BY id", (self._workspace, *part.sources)
        )
        portion: list[Row] = []
        sightings = 0
        for row in rows:
            count = counts.get(row[0], 0)
            if not count and not is_all:
                continue
            if portion and (sightings + count > MOST_SIGHTINGS or len(portion) == MOST_LOGS):
                yield portion
                portion, sightings = [], 0
            portion.append(row)
            sightings += count
        if portion:
            yield portion

    def _counts(self, part: Slice) -> dict[int, int]:
        """Return how many requests of a range each log holds."""
        within, ends = "", [self._workspace]
        if part.since_ms > 0:
            within, ends = f"{within} AND t.instant_ms >= ?", [*ends, part.since_ms]
        if part.until_ms < OPEN_END_MS:
            within, ends = f"{within} AND t.instant_ms < ?", [*ends, part.until_ms]
        rows = self._database.rows(
            f"SELECT log, CAST(count(*) AS BIGINT) FROM ({_HELD.format(within)}) h GROUP BY log",
            (*ends, *ends),
        )
        return {row[0]: row[1] for row in rows}

    def _read_names(self) -> None:
        rows = self._database.rows
        own = (self._workspace,)
        for row in rows(
            f"SELECT s.id, {SCOPE} FROM scope s JOIN place p ON p.id = s.place"
            " WHERE s.workspace = ?",
            own,
        ):
            self._scopes[row[0]] = Scope(*row[1:])
        for row in rows("SELECT id, provider, name, tier FROM model WHERE workspace = ?", own):
            self._models[row[0]] = ModelName(*row[1:])
        for source, *note in rows(
            "SELECT source, session, agent, kind, parent FROM agent WHERE workspace = ?"
            " ORDER BY session, agent",
            own,
        ):
            self._notes.setdefault((source, note[0]), []).append(AgentNote(*note))

    def _held(self, logs: Sequence[int]) -> _Held:
        """Return what some logs hold, sightings in the order of their places in the log."""
        held = _Held()
        for row in self._of_logs(
            f"SELECT {_SIGHTINGS} FROM event t WHERE t.copies < 2 AND t.log IN"
            f" (LOGS) UNION ALL SELECT {_SIGHTINGS} FROM copy t WHERE t.log IN (LOGS)",
            logs,
        ):
            key, log, instant_ms, first_ms, scope, model, *counts = row
            held.sightings[log].append(
                Sighting(
                    *(key ^ self._salt, instant_ms, first_ms, self._scopes[scope]),
                    *(self._models[model], *counts),
                )
            )
        for found in held.sightings.values():
            found.sort(key=lambda sighting: (sighting.offset, sighting.key))
        columns = ", ".join(LedgerLine._fields)
        for log, *line in self._of_logs(
            f"SELECT log, {columns} FROM ledger WHERE log IN (LOGS) ORDER BY model", logs
        ):
            held.ledger[log].append(LedgerLine(*line))
        for log, key, name, value in self._of_logs(
            "SELECT log, key, name, value FROM request_fact WHERE log IN (LOGS) ORDER BY key, name",
            logs,
        ):
            held.facts[log].append(RequestFact(key ^ self._salt, name, value))
        for log, key, counter, begins, ends, since_ms in self._of_logs(
            "SELECT log, key, counter, begins, ends, since_ms FROM stretch WHERE log IN (LOGS)"
            " AND NOT EXISTS (SELECT 1 FROM pruned p WHERE p.key = stretch.key) ORDER BY key",
            logs,
        ):
            places = read_counts(begins), read_counts(ends), since_ms
            held.stretches[log].append(Stretch(key ^ self._salt, counter ^ self._salt, *places))
        held.measures = self._measures(logs)
        return held

    def _measures(self, logs: Sequence[int]) -> defaultdict[int, list[Measure]]:
        found: defaultdict[int, list[Measure]] = defaultdict(list)
        for log, name, instant_ms, value, unit, tags, origin in self._of_logs(
            "SELECT log, name, instant_ms, value, unit, tags, origin FROM measure"
            f" WHERE log IN (LOGS) AND workspace = {self._workspace:d} ORDER BY instant_ms, id",
            logs,
        ):
            pairs = tuple(json.loads(tags).items())
            found[log].append(Measure(name, instant_ms, value, unit, pairs, origin))
        return found

    def _of_logs(self, sql: str, logs: Sequence[int]) -> Iterable[Row]:
        numbers = ", ".join(str(log) for log in logs)
        return self._database.rows(sql.replace("LOGS", numbers))

    def _telling(self, row: Row, held: _Held) -> Telling:
        log, machine, path, source, device, inode, size, mtime_ns, offset, *rest = row
        head, tail, state, version, session, parent, begin_ms, first, second, *counts = rest
        is_own = int(inode) != IMPORTED
        cursor = Cursor(
            *(found_path(path), source, int(device), int(inode), size, mtime_ns, offset),
            *(bytes(head), bytes(tail), bytes(state), version),
        )
        sightings = held.sightings[log]
        sessions = dict.fromkeys([session, *(one.scope.session for one in sightings)])
        reading = Reading(
            cursor=cursor,
            lineage=Lineage(session, parent, begin_ms, self._plain(first), self._plain(second)),
            sightings=tuple(sightings),
            ledger=tuple(held.ledger[log]),
            notes=tuple(n for one in sessions for n in self._notes.get((source, one), ())),
            facts=tuple(held.facts[log]),
            stretches=tuple(held.stretches[log]),
            measures=tuple(held.measures[log]),
            tally=Tally(*counts),
        )
        return Telling(machine, reading, None if is_own else told_of(cursor)[0])

    def _plain(self, key: int | None) -> int | None:
        return None if key is None else key ^ self._salt


def imported(cursor: Cursor, told_ms: int, digest: str) -> Cursor:
    """Return the cursor of a log of another machine, with when it was told and what."""
    return Cursor(
        path=cursor.path,
        source=cursor.source,
        device=IMPORTED,
        inode=IMPORTED,
        size=cursor.size,
        mtime_ns=cursor.mtime_ns,
        offset=cursor.offset,
        state=json.dumps([told_ms, digest]).encode(),
        version=cursor.version,
    )


def told_of(cursor: Cursor) -> tuple[int, str]:
    """Return when a log of another machine was told, and the digest of that."""
    told_ms, digest = json.loads(cursor.state)
    return told_ms, digest
