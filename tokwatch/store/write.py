"""Writes readings: events, roll-ups, cursors and ledgers in one transaction.

Replaying any reading any number of times, in any order, ends in the same events.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tokwatch.model.event import RequestFact, event_key
from tokwatch.model.reading import Cursor, Reading
from tokwatch.store.connect import Database
from tokwatch.store.contested import Contested
from tokwatch.store.dimensions import Dimensions, Pricing
from tokwatch.store.logs import Logs
from tokwatch.store.measures import write_measures
from tokwatch.store.merge import Counted
from tokwatch.store.pricing import RateCards, Rates
from tokwatch.store.prune import retain
from tokwatch.store.reprice import reprice
from tokwatch.store.rollups import DayOf, RollUps
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

_MOST: Final = 2**62
"""No duration, count or amount of money is as large as this."""


@dataclass(frozen=True, slots=True)
class Written:
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
        database.script(CREATE_TEMPORARY)
        self._logs.load()

    def cursors(self) -> dict[str, Cursor]:
        """Return how far every log has been read, by path."""
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

    def add(self, readings: Sequence[Reading]) -> Written:
        """Write readings; either all of them and their cursors, or nothing."""
        try:
            with self._database.transaction():
                return self._add(readings)
        except BaseException:
            self._dimensions.forget()
            self._cards.forget()
            self._logs.load()
            raise

    def _add(self, readings: Sequence[Reading]) -> Written:
        database = self._database
        database.script(("DELETE FROM stage", "DELETE FROM touched", "DELETE FROM delta"))
        contested = Contested(database, self._workspace, self._salt, self._logs)
        rows: list[tuple[int | None, ...]] = []
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
            rows += self._rows(reading, log)
        database.executemany(INSERT_STAGE, rows)
        if database.value("SELECT 1 FROM pruned LIMIT 1"):
            database.execute(DROP_PRUNED)
        database.execute(FIND_CONTESTED)
        contested.find()
        found = [Counted._make(row) for row in database.rows(TAKE_CONTESTED)]
        if found:
            database.execute(DROP_CONTESTED)
        added: int = database.value("SELECT count(*) FROM stage")
        changed = contested.settle(found, self._stage)
        self._insert_staged()
        since_ms = database.value("SELECT min(quarter_ms) FROM delta")
        return Written(added, changed, since_ms)

    def _rows(self, reading: Reading, log: int) -> list[tuple[int | None, ...]]:
        """Return the reading's sightings as rows of `stage`, with row ids for names."""
        sightings = reading.sightings
        scopes, models = self._dimensions.scopes, self._dimensions.models
        # By identity: a reading's sightings share few objects, and hashing names costs more.
        scope_ids = {
            identity: scopes.get(scope) or self._dimensions.scope_id(scope)
            for identity, scope in {id(found[3]): found[3] for found in sightings}.items()
        }
        model_ids = {
            identity: models.get(model) or self._dimensions.model_id(model)
            for identity, model in {id(found[4]): found[4] for found in sightings}.items()
        }
        flat = {identity: self._flat_card(model) for identity, model in model_ids.items()}
        cost, salt = self._cards.cost, self._salt
        rows: list[tuple[int | None, ...]] = []
        for found in sightings:
            identity = id(found[4])
            scope, model = scope_ids[id(found[3])], model_ids[identity]
            row = (found[0] ^ salt, log, found[1], found[2], scope, model, *found[5:])
            card = flat[identity]
            if card is None:
                nano = cost(Counted._make(row))
            else:
                nano = (
                    (found[6] or 0) * card[4]
                    + (found[7] or 0) * card[5]
                    + (found[8] or 0) * card[6]
                    + (found[9] or 0) * card[7]
                    + (found[10] or 0) * card[8]
                    + 500
                ) // 1000 + found[12] * card[9]
            rows.append((*row, 1, nano))
        return rows

    def _flat_card(self, model: int) -> Rates | None:
        """Return the only card of a model when it fits every event."""
        cards = self._cards.of(model)
        return cards[0] if len(cards) == 1 and cards[0].always_fits else None

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
        self._database.executemany(INSERT_STAGE, rows)

    def _insert_staged(self) -> None:
        """Price and insert the staged events, then let the roll-ups follow."""
        execute = self._database.execute
        execute(INSERT_EVENTS, (self._workspace,))
        execute(delta_of("stage e", 1))
        self._roll_ups.grow()


def _by_column(reading: Reading) -> Iterable[tuple[object, ...]]:
    """Yield ledger lines in the order of the table's columns."""
    for line in reading.ledger:
        yield tuple(line)
