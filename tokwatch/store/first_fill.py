"""The first fill of an empty store: what no other log tells goes straight into its table.

Their sums are made beside, and grow the roll-ups where it commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Final, NamedTuple

from tokwatch.store.cells import cells_of
from tokwatch.store.connect import ROWS_AT_ONCE, WRITERS_CACHE_MB, Database, Row
from tokwatch.store.merge import Counted
from tokwatch.store.rollups import RollUps
from tokwatch.store.rows import Priced, packed, parted, told_again
from tokwatch.store.sql import EVENTS, INSERT_DELTA, event_marks

COMMITTED_EVENTS: Final = 50_000
"""Committed at once, after two seconds: so long another writer waits, and less it must be than
BUSY_SECONDS. Who dies sooner again and again would never get on: the first come sooner.
"""
FIRST_EVENTS: Final = 10_000
MOST_KEYS: Final = 1_200_000
"""Keys that are kept in memory, 90 MB: those of a gigabyte with nothing but requests. Then it is
over, and the store is asked for them, which takes twice as long.
"""
CACHE_MB: Final = 48
"""Keys are spread over the whole table: what does not fit is written again and again."""

_TABLES: Final = ("event", "copy", "pruned", "quarter")


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
        self._workspace = workspace
        self._keys: set[int] = set()
        self._staged: list[Priced] = []
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

    def touched(self, rows: Sequence[Priced]) -> set[int]:
        """Return the keys of requests that are told more than once."""
        return told_again(rows, self._keys)

    def take(self, rows: Sequence[Priced], contested: set[int]) -> Taken:
        """Insert the rows that are not contested, and return the others."""
        rest, found, earliest = parted(rows, contested)
        self._write(rest)
        self._waiting += len(rows)
        return Taken(len(rest), [Counted._make(row[:_WIDTH]) for row in found], earliest)

    def stage(self, rows: Sequence[Priced]) -> None:
        """Keep events of requests that were settled for `insert_staged`."""
        self._staged += rows

    def insert_staged(self) -> None:
        """Insert the staged events."""
        self._write(self._staged)
        self._staged = []

    def _write(self, rows: Sequence[Priced]) -> None:
        """Insert events, and add them to the pending changes of the roll-ups."""
        for lacking, many, rest in packed(rows, ROWS_AT_ONCE):
            marks = event_marks(self._workspace, lacking)
            self._database.insert_packed(EVENTS, marks, many, rest)
        self._database.executemany(INSERT_DELTA, cells_of(rows))

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


def is_empty(database: Database) -> bool:
    """Tell whether no request was ever stored."""
    return not any(database.value(f"SELECT 1 FROM {table} LIMIT 1") for table in _TABLES)
