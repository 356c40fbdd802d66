"""Writes readings: events, roll-ups, cursors and ledgers in one transaction.

Replaying any reading any number of times, in any order, ends in the same events.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

from msgspec import Struct

from tokwatch.model.event import RequestFact, Sighting, event_key
from tokwatch.model.reading import Cursor, Reading
from tokwatch.store.connect import Database
from tokwatch.store.contested import Contested
from tokwatch.store.dimensions import Dimensions, Pricing
from tokwatch.store.first_fill import FirstFill, is_empty
from tokwatch.store.logs import Logs
from tokwatch.store.measures import write_measures
from tokwatch.store.merge import Counted
from tokwatch.store.pricing import RateCards
from tokwatch.store.prune import retain
from tokwatch.store.reprice import reprice
from tokwatch.store.rollups import DayOf, RollUps
from tokwatch.store.rows import Priced, rows_of
from tokwatch.store.sql import (
    CREATE_TEMPORARY,
    DROP_CONTESTED,
    DROP_PRUNED,
    FIND_CONTESTED,
    INSERT_EVENTS,
    INSERT_STAGE,
    TAKE_CONTESTED,
    UPSERT_AGENT,
    UPSERT_FACT,
    UPSERT_LEDGER,
    delta_of,
)
from tokwatch.store.store import set_setting, setting
from tokwatch.store.witnessed_keys import WitnessedKeys

SETTLED_CACHE_MB: Final = 2
_MOST: Final = 2**62
"""No duration, count or amount of money is as large as this."""


class Written(Struct, frozen=True):
    """What one transaction changed."""

    added: int = 0
    changed: int = 0
    since_ms: int | None = None
    """Start of the earliest quarter-hour whose sums changed; None where none did."""


def salt_of(workspace: int) -> int:
    """Return what a workspace's keys are mixed with.

    Workspaces may read the same logs: each has keys of its own. The first keeps them plain.
    """
    return event_key("workspace", str(workspace)) if workspace > 1 else 0


class Writer:
    """The one writer of a store, for one workspace and machine."""

    def __init__(
        self,
        database: Database,
        workspace: int,
        *,
        machine: str,
        pricing: Pricing,
        day_of: DayOf,
    ) -> None:
        """Prepare the connection; `load` must follow before the first write."""
        self._database = database
        self._workspace = workspace
        self._roll_ups = RollUps(database, workspace, day_of)
        self._dimensions = Dimensions(database, workspace, pricing)
        self._cards = RateCards(database, workspace)
        self._salt = salt_of(workspace)
        self._logs = Logs(database, workspace, machine, self._salt)
        self._fill: FirstFill | None = None
        database.script(CREATE_TEMPORARY)
        self._logs.load()

    def cursor(self, path: str) -> Cursor | None:
        """Return how far a log has been read; None of one that is not known."""
        return self._logs.cursor(path)

    def cursors(self) -> Iterator[Cursor]:
        """Yield how far each log has been read; nothing may be written meanwhile."""
        return self._logs.cursors()

    def rename(self, old: str, new: str) -> None:
        """Let a log that was moved keep its cursor."""
        with self._database.transaction():
            self._logs.rename(old, new)

    def use_zone(self, name: str) -> bool:
        """Let the sums by day follow the zone that `day_of` is of; tell whether it is another."""
        if setting(self._database, self._workspace, "zone") == name:
            return False
        with self._database.transaction():
            self._roll_ups.remake_days()
            set_setting(self._database, self._workspace, "zone", name)
        return True

    def use_prices(self, version: str) -> Iterator[int]:
        """Price events anew if the prices are others now; yield after each transaction."""
        if setting(self._database, self._workspace, "prices") == version:
            return
        yield from reprice(
            self._database, self._workspace, self._dimensions, self._cards, self._roll_ups
        )
        set_setting(self._database, self._workspace, "prices", version)

    def retain(self, days: int, now_ms: int) -> int:
        """Prune what is older than some days, at most once a day; return how many events went."""
        return retain(self._database, self._workspace, days, now_ms)

    def checkpoint(self) -> None:
        """Bring SQLite's file up to date, so that a copy of it alone lacks nothing."""
        self._database.checkpoint()

    def leave_checkpoints(self) -> bool:
        """Let another connection bring SQLite's file up to date, until what is written settles.

        False of PostgreSQL, which does so by itself.
        """
        return self._database.leave_checkpoints()

    def settle(self) -> None:
        """Keep little of the store in memory from here on: what is still to come is small."""
        self._database.take_checkpoints()
        self._database.cache(SETTLED_CACHE_MB)

    def add(self, readings: Sequence[Reading]) -> Written:
        """Write readings; either all of them and their cursors, or nothing."""
        if self._fill is not None:
            written = self._add(readings, self._fill)
            if not self._fill.go_on():
                self._fill = None
            return written
        with self._undone_where_it_fails(), self._database.transaction():
            return self._add(readings, None)

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Let an empty store be filled faster: what is added inside is committed much at once."""
        if not is_empty(self._database):
            yield
            return
        with self._undone_where_it_fails(), ExitStack() as open_fill:
            fill = FirstFill(self._database, self._workspace, self._roll_ups)
            open_fill.enter_context(fill)
            self._fill = fill if fill.goes_on else None
            yield

    @contextmanager
    def _undone_where_it_fails(self) -> Iterator[None]:
        """Forget what is known of rows that a rolled-back transaction took along."""
        try:
            yield
        except BaseException:
            self._dimensions.forget()
            self._cards.forget()
            self._logs.load()
            raise
        finally:
            self._fill = None

    def _add(self, readings: Sequence[Reading], fill: FirstFill | None) -> Written:
        database = self._database
        database.script(("DELETE FROM stage", "DELETE FROM touched"))
        if fill is None:
            database.execute("DELETE FROM delta")
        keys = WitnessedKeys(database, self._dimensions)
        contested = Contested(database, self._workspace, self._salt, self._logs, keys)
        told: list[tuple[Sequence[Sighting], int]] = []
        for reading in readings:
            if outdated := self._logs.read_otherwise(reading):
                contested.forget(outdated, self._stage)
            log = self._logs.write(reading)
            self._write_notes(reading, log)
            if reading.facts:
                self._write_facts(reading.facts, log)
            if reading.measures:
                write_measures(database, self._workspace, log, reading.measures)
            if reading.stretches:
                contested.write_stretches(reading.stretches, log)
            contested.note_lineage(reading.lineage)
            told.append((reading.sightings, log))
        rows = rows_of(told, self._salt, self._dimensions, self._cards)
        if fill is not None:
            touched = fill.touched(rows)
            taken = fill.take(rows, touched | contested.find(touched))
            changed = contested.settle(taken.contested, self._stage, taken.earliest)
            fill.insert_staged()
            return Written(taken.inserted, changed, 0 if rows else None)
        found = self._stage_new(rows, contested)
        added: int = database.value("SELECT count(*) FROM stage")
        changed = contested.settle(found, self._stage)
        self._insert_staged()
        self._roll_ups.grow()
        since_ms = database.value("SELECT min(quarter_ms) FROM delta")
        return Written(added, changed, since_ms)

    def _stage_new(self, rows: Sequence[Priced], contested: Contested) -> list[Counted]:
        """Stage the rows that are not contested, and return the others."""
        database = self._database
        database.executemany(INSERT_STAGE, rows)
        if database.value("SELECT 1 FROM pruned LIMIT 1"):
            database.execute(DROP_PRUNED)
        database.execute(FIND_CONTESTED)
        contested.find()
        found = [Counted._make(row) for row in database.rows(TAKE_CONTESTED)]
        if found:
            database.execute(DROP_CONTESTED)
        return found

    def _write_notes(self, reading: Reading, log: int) -> None:
        for note in reading.notes:
            self._database.execute(
                UPSERT_AGENT,
                (
                    *(self._workspace, reading.cursor.source, note.session, note.agent),
                    *(note.kind, note.parent),
                ),
            )
        if reading.ledger:
            self._database.executemany(
                UPSERT_LEDGER, [(self._workspace, log, *line) for line in _by_column(reading)]
            )

    def _write_facts(self, facts: Iterable[RequestFact], log: int) -> None:
        """Write what a log tells of requests beside their tokens; absurd numbers are nothing."""
        workspace, salt = self._workspace, self._salt
        self._database.executemany(
            UPSERT_FACT,
            [
                (workspace, key ^ salt, log, name, value, key ^ salt)
                for key, name, value in facts
                if 0 <= value < _MOST
            ],
        )

    def _stage(self, events: Iterable[Counted], copies: int) -> None:
        cost = self._cards.cost
        rows = [(*event, copies, cost(event)) for event in events]
        if self._fill is None:
            self._database.executemany(INSERT_STAGE, rows)
        else:
            self._fill.stage(rows)

    def _insert_staged(self) -> None:
        """Insert the staged events, and add them to the pending changes of the roll-ups."""
        self._database.execute(INSERT_EVENTS, (self._workspace,))
        self._database.execute(delta_of("stage e", 1))


def _by_column(reading: Reading) -> Iterable[tuple[object, ...]]:
    """Yield ledger lines in the order of the table's columns."""
    for line in reading.ledger:
        yield tuple(line)
