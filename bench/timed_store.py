"""A store that is read as ever and notes which query took longest."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from tokwatch.store.connect import Database, Row

_FROM: Final = "FROM"


@dataclass(slots=True)
class Longest:
    """The longest query since the last look, its rows fetched."""

    ms: float = 0.0
    """Of processor."""
    sql: str = ""
    every: dict[str, list[float]] = field(default_factory=dict)
    """The times of each query, in ms."""

    def note(self, sql: str, seconds: float) -> None:
        """Take the time of a query."""
        ms = seconds * 1000
        self.every.setdefault(sql, []).append(ms)
        if ms > self.ms:
            self.ms, self.sql = ms, sql


class TimedDatabase(Database):
    """Reads through another's connection."""

    def __init__(self, database: Database) -> None:
        """Time what is asked of an open store from here on."""
        super().__init__(
            database._driver,
            database._error,
            database.name,
            postgres=database.postgres,
            read_only=database.read_only,
        )
        self.longest = Longest()

    def look(self) -> Longest:
        """Return the longest query since the last look."""
        longest, self.longest = self.longest, Longest()
        return longest

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Return all rows of a query."""
        with self._timed(sql):
            return super().rows(sql, values)

    def each(self, sql: str, values: Sequence[object] = ()) -> Generator[Row, None, None]:
        """Yield the rows of a query, all of which were fetched at once."""
        with self._timed(sql):
            found = list(super().each(sql, values))
        yield from found

    def value(self, sql: str, values: Sequence[object] = ()) -> Any:  # the query knows the type
        """Return the first column of the first row, or None."""
        with self._timed(sql):
            return super().value(sql, values)

    def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row."""
        with self._timed(sql):
            super().executemany(sql, rows)

    @contextmanager
    def _timed(self, sql: str) -> Iterator[None]:
        began = time.thread_time()
        yield
        self.longest.note(sql, time.thread_time() - began)


def in_short(sql: str) -> str:
    """Return the part of a query from its tables on, in a few words."""
    words = " ".join(sql.split())
    return words[max(0, words.find(f"{_FROM} ")) :][:100]
