"""Opens the database through its driver: one small surface over sqlite3 and psycopg.

SQL is written once, with `?` for parameters and no literal `?` or `%`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol, cast

from tokwatch.errors import TokwatchError

Row = tuple[Any, ...]  # a driver's row: column types are known only to the query

PRAGMAS: Final = (
    "PRAGMA synchronous=NORMAL",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-16384",
    "PRAGMA mmap_size=268435456",
)


class _Cursor(Protocol):
    rowcount: int

    def fetchall(self) -> list[Row]: ...
    def fetchone(self) -> Row | None: ...
    def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> object: ...


class _Driver(Protocol):
    def execute(self, sql: str, values: Sequence[object] = ...) -> _Cursor: ...
    def cursor(self) -> _Cursor: ...
    def close(self) -> None: ...


class Database:
    """One connection in autocommit mode; `transaction` brackets what belongs together."""

    def __init__(self, driver: _Driver, *, postgres: bool, read_only: bool) -> None:
        """Wrap an open driver connection."""
        self._driver = driver
        self.postgres = postgres
        self.read_only = read_only

    def execute(self, sql: str, values: Sequence[object] = ()) -> _Cursor:
        """Run one statement."""
        return self._driver.execute(self._text(sql), values)

    def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row."""
        self._driver.cursor().executemany(self._text(sql), rows)

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Return all rows of a query."""
        return self.execute(sql, values).fetchall()

    def value(self, sql: str, values: Sequence[object] = ()) -> Any:  # the query knows the type
        """Return the first column of the first row, or None."""
        row = self.execute(sql, values).fetchone()
        return None if row is None else row[0]

    def script(self, statements: Iterable[str]) -> None:
        """Run statements without parameters in turn."""
        for statement in statements:
            self._driver.execute(statement)

    def _text(self, sql: str) -> str:
        return sql.replace("%", "%%").replace("?", "%s") if self.postgres else sql

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what the block did, or nothing of it."""
        self._driver.execute("BEGIN" if self.postgres else "BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._driver.execute("ROLLBACK")
            raise
        self._driver.execute("COMMIT")

    def close(self) -> None:
        """Close the connection."""
        self._driver.close()


def is_postgres(url: str) -> bool:
    """Tell a PostgreSQL address from a path of a SQLite file."""
    return url.startswith(("postgresql://", "postgres://"))


def open_sqlite(path: Path, *, read_only: bool = False) -> Database:
    """Open a SQLite file; read-only connections never create or change it."""
    try:
        if read_only:
            driver = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro",
                uri=True,
                isolation_level=None,
                timeout=5.0,
                check_same_thread=False,
            )
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            driver = sqlite3.connect(
                path, isolation_level=None, timeout=5.0, check_same_thread=False
            )
            driver.execute("PRAGMA journal_mode=WAL")
        for pragma in PRAGMAS:
            driver.execute(pragma)
    except sqlite3.Error as error:
        raise TokwatchError(
            f"cannot open the store {path}: {error}",
            "check its folder's permissions and free space",
        ) from error
    return Database(cast(_Driver, driver), postgres=False, read_only=read_only)


def open_postgres(url: str, *, read_only: bool = False) -> Database:
    """Open a PostgreSQL database; needs the extra `postgres`."""
    try:
        import psycopg
    except ImportError as error:
        raise TokwatchError(
            "the store is a PostgreSQL address, but psycopg is not installed",
            "pip install 'tokwatch[postgres]'",
        ) from error
    try:
        driver = psycopg.connect(url, autocommit=True, connect_timeout=10)
        driver.read_only = read_only
    except psycopg.Error as error:
        raise TokwatchError(
            f"cannot reach the store's PostgreSQL server: {type(error).__name__}",
            "check the address in [store] url and that the server runs",
        ) from error
    return Database(cast(_Driver, driver), postgres=True, read_only=read_only)


def open_database(url: str, data_folder: Path, *, read_only: bool = False) -> Database:
    """Open the store that `[store] url` names; empty means SQLite in the data folder."""
    if is_postgres(url):
        return open_postgres(url, read_only=read_only)
    path = Path(url.removeprefix("sqlite:///")) if url else data_folder / "tokwatch.db"
    return open_sqlite(path, read_only=read_only)
