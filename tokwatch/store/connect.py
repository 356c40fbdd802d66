"""Opens the database through its driver: one small surface over sqlite3 and psycopg.

SQL is written once, with `?` for parameters and no literal `?` or `%`.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any, Final, Protocol, cast

from tokwatch.errors import TokwatchError
from tokwatch.store.trouble import told

Row = tuple[Any, ...]  # a driver's row: column types are known only to the query

# The driver looks for an adapter of each None that it binds, and finding none takes it longer
# than the rest of the binding: what `get` of an empty dict makes of None is None.
sqlite3.register_adapter(type(None), {}.get)  # type: ignore[arg-type]  # overloaded

PRAGMAS: Final = (
    "PRAGMA synchronous=NORMAL",
    "PRAGMA temp_store=MEMORY",
    # Single requests are read slower of a mapped file (docs/performance.md), and what was seen of
    # it counts as memory of the process.
    "PRAGMA mmap_size=0",
)
READER_PRAGMAS: Final = ("PRAGMA cache_size=-512",)
"""In kB: it is thrown away and filled again with each change of the file."""
WRITERS_CACHE_MB: Final = 16
WRITER_PRAGMAS: Final = (
    f"PRAGMA cache_size=-{WRITERS_CACHE_MB << 10}",
    # Rare checkpoints keep a plain copy of the file whole (docs/store.md); 64 MB of 4 KB pages.
    "PRAGMA wal_autocheckpoint=16384",
    "PRAGMA journal_size_limit=16777216",
)
UNCHECKED_PRAGMAS: Final = (
    # 512 MB, should nobody else get to it; and the log keeps its length: cutting it takes 30 ms.
    "PRAGMA wal_autocheckpoint=131072",
    "PRAGMA journal_size_limit=536870912",
)
MOST_STATEMENTS: Final = 40
"""Compiled ones that are kept: more than a picture asks, and few, since one that names a thousand
values takes 100 kB.
"""
ROWS_AT_ONCE: Final = 32
"""Rows that SQLite inserts by one statement: each row is a fifth cheaper than by one of its own."""
BUSY_SECONDS: Final = 5.0
"""How long a statement waits for another process before it gives up."""

WRITERS_LOCK: Final = 7_306_090_561_413_477
"""Number of the PostgreSQL advisory lock that one writing transaction at a time holds."""


class _Cursor(Protocol):
    rowcount: int

    @property
    def lastrowid(self) -> int: ...  # SQLite's alone

    def __iter__(self) -> Iterator[Row]: ...
    def fetchall(self) -> list[Row]: ...
    def fetchone(self) -> Row | None: ...
    def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> object: ...


class _Driver(Protocol):
    def execute(self, sql: str, values: Sequence[object] = ...) -> _Cursor: ...
    def cursor(self) -> _Cursor: ...
    def close(self) -> None: ...


class Database:
    """One connection in autocommit mode; `transaction` brackets what belongs together."""

    def __init__(
        self, driver: _Driver, error: type[Exception], name: str, *, postgres: bool, read_only: bool
    ) -> None:
        """Wrap an open driver connection; `error` is what its statements raise."""
        self._driver = driver
        self._error = error
        self.name = name
        """What the user knows it by: the file's path, or the server's host and database."""
        self.postgres = postgres
        self.read_only = read_only
        self.notice = ""
        """What the user should know about this store, such as that it is a newer one."""

    def execute(self, sql: str, values: Sequence[object] = ()) -> _Cursor:
        """Run one statement."""
        try:
            return self._driver.execute(self._text(sql), values)
        except self._error as error:
            self._tell(error)
            raise

    def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row."""
        try:
            self._driver.cursor().executemany(self._text(sql), rows)
        except self._error as error:
            self._tell(error)
            raise

    def insert(
        self, into: str, row: str, rows: Sequence[Sequence[object]], or_else: str = ""
    ) -> None:
        """Insert rows, of whose values `row` has the marks; one that does not fit undoes all.

        That is: the whole transaction, as ever on a server. To undo one statement of several rows
        SQLite would keep a copy of each page that it touches.
        """
        whole = 0 if self.postgres else len(rows) // ROWS_AT_ONCE * ROWS_AT_ONCE
        starts = range(0, whole, ROWS_AT_ONCE)
        many = (tuple(chain.from_iterable(rows[at : at + ROWS_AT_ONCE])) for at in starts)
        self.insert_packed(into, row, many, rows[whole:], or_else)

    def insert_packed(
        self,
        into: str,
        row: str,
        many: Iterable[Sequence[object]],
        rest: Iterable[Sequence[object]],
        or_else: str = "",
    ) -> None:
        """Insert rows: the values of ROWS_AT_ONCE of them at a time, and the rest one by one."""
        one = f"INSERT OR ROLLBACK INTO {into} VALUES {row}"
        self.executemany(one + f", {row}" * (ROWS_AT_ONCE - 1) + or_else, many)
        self.executemany(one + or_else, rest)

    def made(self, insert: str, values: Sequence[object]) -> int | None:
        """Insert a row unless it is there; return the id that it got, None where it is there.

        SQLite knows the id by itself: RETURNING takes it half as long as the whole row.
        """
        if self.postgres:
            found: int | None = self.value(f"{insert} ON CONFLICT DO NOTHING RETURNING id", values)
            return found
        cursor = self.execute(f"{insert} ON CONFLICT DO NOTHING", values)
        return cursor.lastrowid if cursor.rowcount else None

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Return all rows of a query."""
        try:
            return self._driver.execute(self._text(sql), values).fetchall()
        except self._error as error:
            self._tell(error)
            raise

    def each(self, sql: str, values: Sequence[object] = ()) -> Generator[Row, None, None]:
        """Yield the rows of a query one by one: all at once may take much more than is kept.

        Of a server's answer all is here before the first one.
        """
        try:
            yield from self._driver.execute(self._text(sql), values)
        except self._error as error:
            self._tell(error)
            raise

    def value(self, sql: str, values: Sequence[object] = ()) -> Any:  # the query knows the type
        """Return the first column of the first row, or None."""
        row = self.execute(sql, values).fetchone()
        return None if row is None else row[0]

    def script(self, statements: Iterable[str]) -> None:
        """Run statements without parameters in turn."""
        for statement in statements:
            self.execute(statement)

    def _text(self, sql: str) -> str:
        if not self.postgres:
            return sql
        # Any error undoes the whole transaction there.
        return sql.replace(" OR ROLLBACK", "").replace("%", "%%").replace("?", "%s")

    def _tell(self, error: Exception) -> None:
        """Raise an error in the user's words, where this one is not a mistake of ours."""
        if words := told(error, self.name):
            raise words from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what the block did, or nothing of it; one writer at a time."""
        if self.postgres:
            with self._bracket("BEGIN"):
                self.execute("SELECT pg_advisory_xact_lock(?)", (WRITERS_LOCK,))
                yield
        else:
            with self._bracket("BEGIN IMMEDIATE"):
                yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let every query of the block see one moment; it may make temporary tables."""
        with self._bracket(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE" if self.postgres else "BEGIN"
        ):
            yield

    @contextmanager
    def _bracket(self, begin: str) -> Iterator[None]:
        self.execute(begin)
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            # SQLite has rolled back by itself when the disk is full; a lost server cannot.
            with suppress(self._error):
                self._driver.execute("ROLLBACK")
            raise

    def checkpoint(self) -> int:
        """Bring SQLite's file up to its log, as far as no reader stands in the way.

        Return how many pages of 4 KB the log holds. It begins anew once all of them are carried
        over and nobody reads from it.
        """
        if self.postgres:
            return 0
        _, pages, _ = self.rows("PRAGMA wal_checkpoint(PASSIVE)")[0]
        return int(pages)

    def leave_checkpoints(self) -> bool:
        """Let another connection carry over what this one writes; False where that is no need."""
        if not self.postgres:
            self.script(UNCHECKED_PRAGMAS)
        return not self.postgres

    def take_checkpoints(self) -> None:
        """Carry over what this connection writes itself, now and then."""
        if not self.postgres:
            self.script(WRITER_PRAGMAS[1:])

    def cache(self, megabytes: int) -> None:
        """Let SQLite keep so much of its file in memory; PostgreSQL knows by itself."""
        if not self.postgres:
            self.execute(f"PRAGMA cache_size=-{megabytes << 10}")

    def shrink(self) -> None:
        """Give the space of what was deleted back to the disk; PostgreSQL does so by itself."""
        if not self.postgres:
            self.execute("VACUUM")

    def close(self) -> None:
        """Close the connection."""
        self._driver.close()


def is_postgres(url: str) -> bool:
    """Tell a PostgreSQL address from a path of a SQLite file."""
    return url.startswith(("postgresql://", "postgres://"))


def open_sqlite(path: Path, *, read_only: bool = False) -> Database:
    """Open a SQLite file; read-only connections never create or change it."""
    driver: sqlite3.Connection | None = None
    try:
        driver = _connect_sqlite(path, read_only=read_only)
        for pragma in PRAGMAS:
            driver.execute(pragma)
        if not read_only:
            _use_wal(driver)
        for pragma in READER_PRAGMAS if read_only else WRITER_PRAGMAS:
            driver.execute(pragma)
    except (sqlite3.Error, OSError) as error:
        if driver is not None:
            driver.close()
        raise told(error, str(path)) or TokwatchError(
            f"cannot open the store {path}: {error}",
            "Check its folder's permissions and free space.",
        ) from error
    return Database(
        cast(_Driver, driver), sqlite3.Error, str(path), postgres=False, read_only=read_only
    )


def _connect_sqlite(path: Path, *, read_only: bool) -> sqlite3.Connection:
    if not read_only:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # names of projects are nobody else's; -wal and -shm follow it
    mode = "ro" if read_only else "rwc"
    if read_only and not os.access(path.parent, os.W_OK) and not _has_log(path):
        mode += "&immutable=1"  # SQLite could not make the files that readers share
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        timeout=BUSY_SECONDS,
        check_same_thread=False,
        cached_statements=MOST_STATEMENTS,
    )


def _has_log(path: Path) -> bool:
    """Tell whether a write-ahead log stands beside a store."""
    return path.with_name(f"{path.name}-wal").exists()


def _use_wal(driver: sqlite3.Connection) -> None:
    """Switch to write-ahead logging; SQLite does not wait by itself while another does so."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            driver.execute("PRAGMA journal_mode=WAL").fetchall()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)


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
        driver.execute(f"SET lock_timeout = '{BUSY_SECONDS:g}s'")
        if read_only:
            driver.execute("SET default_transaction_read_only = on")
    except psycopg.Error as error:
        raise TokwatchError(
            f"cannot reach the store's PostgreSQL server: {type(error).__name__}",
            "Check the address in [store] url and that the server runs.",
        ) from error
    name = f"{driver.info.host}/{driver.info.dbname}"
    return Database(cast(_Driver, driver), psycopg.Error, name, postgres=True, read_only=read_only)


def store_file(url: str, data_folder: Path) -> Path | None:
    """Return the SQLite file of the store that `[store] url` names; None for PostgreSQL."""
    if is_postgres(url):
        return None
    return Path(url.removeprefix("sqlite:///")) if url else data_folder / "tokwatch.db"


def open_database(url: str, data_folder: Path, *, read_only: bool = False) -> Database:
    """Open the database that `[store] url` names; empty means SQLite in the data folder."""
    path = store_file(url, data_folder)
    if path is None:
        return open_postgres(url, read_only=read_only)
    return open_sqlite(path, read_only=read_only)
