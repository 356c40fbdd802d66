"""The first fill of an empty store: what no other log tells goes straight into its table.

Their sums are made beside, and grow the roll-ups where it commits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Final, NamedTuple

from tokwatch.model.event import Grade
from tokwatch.store.cells import Priced, cells_of
from tokwatch.store.connect import WRITERS_CACHE_MB, Database, Row
from tokwatch.store.merge import Counted
from tokwatch.store.rollups import RollUps
from tokwatch.store.sql import INSERT_DELTA, TOUCH, insert_events

COMMITTED_EVENTS: Final = 50_000
"""Committed at once, after two seconds: so long another writer waits, and less it must be than
BUSY_SECONDS. Who dies sooner again and again would never get on: the first come sooner.
"""
FIRST_EVENTS: Final = 10_000
MOST_KEYS: Final = 400_000
"""Keys that are kept in memory, some 30 MB; then it is over, and the store is asked for them."""
CACHE_MB: Final = 48
"""Keys are spread over the whole table: what does not fit is written again and again."""

_TABLES: Final = ("event", "copy", "pruned", "quarter")
_RECORD, _GHOST = int(Grade.RECORD), int(Grade.GHOST)
_FAR: Final = 2**62


class Taken(NamedTuple):
    """What became of the rows of one batch."""

    inserted: int
    contested: list[Counted]
    earliest: dict[int, int]
    """When the first request was made that only a log holds, by log."""


class FirstFill:
    """Writes in few large transactions, and knows every key that was seen: none is looked up."""

    def __init__(self, database: Database, workspace: int, roll_ups: RollUps) -> None:
        """Prepare to fill an empty store as a context, whose end commits."""
        self._database = database
        self._roll_ups = roll_ups
        self._insert = insert_events(workspace)
        self._keys: set[int | None] = set()
        self._waiting = 0
        self._enough = FIRST_EVENTS
        self.goes_on = True
        """False once the store is to be asked, as of any other."""
        self._transaction = ExitStack()

    def __enter__(self) -> FirstFill:
        self._database.cache(CACHE_MB)
        self._begin()
        if not is_empty(self._database):  # another machine was first
            self._give_up()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self._transaction.__exit__(kind, error, trace)
        elif self.goes_on:
            self._commit()
        self._database.cache(WRITERS_CACHE_MB)

    def touch(self, rows: Sequence[Priced]) -> set[int | None]:
        """Return the keys of requests that are told more than once, and let SQL see them."""
        keys = [row[0] for row in rows]
        touched = self._keys.intersection(keys)
        touched.update(row[0] for row in rows if row[_GRADE] == _GHOST)
        if len(set(keys)) < len(keys):
            touched.update(key for key, number in Counter(keys).items() if number > 1)
        self._keys.update(keys)
        self._database.executemany(TOUCH, [(key,) for key in touched])
        return touched

    def take(self, rows: Sequence[Priced], contested: Collection[int | None]) -> Taken:
        """Insert the rows that are not contested, and return the others."""
        found: list[Counted] = []
        if contested:
            found = [Counted._make(row[:_WIDTH]) for row in rows if row[0] in contested]
            rows = [row for row in rows if row[0] not in contested]
        earliest: dict[int, int] = {}
        for row in rows:
            log, first_ms = row[1], row[3]
            if row[_GRADE] == _RECORD and first_ms < earliest.get(log, _FAR):
                earliest[log] = first_ms
        self._database.executemany(self._insert, rows)
        self._database.executemany(INSERT_DELTA, cells_of(rows))
        self._waiting += len(rows) + len(found)
        return Taken(len(rows), found, earliest)

    def go_on(self) -> bool:
        """Commit, where it is time to; tell whether the fill goes on."""
        if len(self._keys) >= MOST_KEYS:
            self._give_up()
        elif self._waiting >= self._enough:
            held = self._held()
            self._commit()
            self._enough = COMMITTED_EVENTS
            self._begin()
            if self._held() != held:  # what another machine told meanwhile is not known here
                self._give_up()
        return self.goes_on

    def _held(self) -> Row | None:
        """Return how much the store holds, where others may write: those of a server."""
        if not self._database.postgres:
            return None
        counts = "SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM copy)"
        return self._database.rows(counts)[0]

    def _give_up(self) -> None:
        self._commit()
        self.goes_on = False

    def _begin(self) -> None:
        self._transaction.enter_context(self._database.transaction())
        self._database.execute("DELETE FROM delta")

    def _commit(self) -> None:
        with self._transaction:
            self._roll_ups.grow()
        self._waiting = 0


_WIDTH: Final = len(Counted._fields)
_GRADE: Final = Counted._fields.index("grade")


def is_empty(database: Database) -> bool:
    """Tell whether no request was ever stored."""
    return not any(database.value(f"SELECT 1 FROM {table} LIMIT 1") for table in _TABLES)
