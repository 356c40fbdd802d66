"""Opens a store: makes a new one, migrates an older one, refuses to write into a newer one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tokwatch.errors import TokwatchError
from tokwatch.ingest.lock import IngestLock
from tokwatch.store.connect import Database, open_database, store_file
from tokwatch.store.ddl import statements

REVISION: Final = "0014"
"""The newest schema revision: the last file in migrations/versions."""

_UPGRADE: Final = "Upgrade this tokwatch to the version that last wrote the store."


class NewerStoreError(TokwatchError):
    """The store was written by a newer tokwatch: it may be read, not written."""


def open_store(url: str, data_folder: Path, *, read_only: bool = False) -> Database:
    """Open the store; one that does not exist is made, an older one migrated.

    Who opens it for writing holds the ingest lock: a migration must not meet an ingest.
    """
    database = open_database(url, data_folder, read_only=read_only)
    try:
        revision = stored_revision(database)
        if revision is not None and revision > REVISION:
            _note_newer(database, revision)
        elif revision != REVISION and read_only:
            _prepare(url, data_folder, is_new=revision is None)
        elif revision is None:
            _create(database)
        elif revision != REVISION:
            from tokwatch.store.migrate import migrate

            migrate(url, data_folder)
    except BaseException:
        database.close()
        raise
    return database


def open_existing(url: str, data_folder: Path) -> Database | None:
    """Open the store for reading; None where there is none yet."""
    file = store_file(url, data_folder)
    if file is not None and not file.exists():
        return None
    return open_store(url, data_folder, read_only=True)


def stored_revision(database: Database) -> str | None:
    """Return the store's schema revision, or None for an empty database."""
    if database.postgres:
        # Not to_regclass: it may answer from a cache that is older than the transaction.
        exists = database.value(
            "SELECT 1 FROM pg_tables WHERE tablename = 'alembic_version'"
            " AND schemaname = ANY(current_schemas(false))"
        )
    else:
        exists = database.value("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")
    return database.value("SELECT version_num FROM alembic_version") if exists else None


def has_newest_tables(database: Database) -> bool:
    """Tell whether every query of this tokwatch finds its tables; a newer store has them too."""
    return (stored_revision(database) or "") >= REVISION


def refuse_newer(database: Database) -> None:
    """Raise a NewerStoreError where a newer tokwatch made a store that is open for writing."""
    if (revision := stored_revision(database) or "") > REVISION:
        _note_newer(database, revision)


def _note_newer(database: Database, revision: str) -> None:
    """Keep what a newer tokwatch wrote: it may be read, as far as it is understood."""
    told = f"the store {database.name} has schema {revision}, this tokwatch knows {REVISION}"
    if not database.read_only:
        raise NewerStoreError(told, _UPGRADE)
    database.notice = f"{told}: it is read, not written. {_UPGRADE}"


def _prepare(url: str, data_folder: Path, *, is_new: bool) -> None:
    """Make or migrate the store for a reader."""
    lock = IngestLock(data_folder)
    if not is_new and not lock.acquire():
        raise TokwatchError(
            f"process {lock.holder()} uses the store with an older tokwatch", "End it first."
        )
    try:
        open_store(url, data_folder).close()
    finally:
        lock.release()


def _create(database: Database) -> None:
    with database.transaction():
        if stored_revision(database) is not None:
            return  # another process was faster
        if not database.postgres and database.value("SELECT 1 FROM sqlite_master"):
            raise TokwatchError(
                f"{database.name} is a database of another program", "Check [store] url."
            )
        database.script(statements(postgres=database.postgres))
        database.execute(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
            " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
        database.execute("INSERT INTO alembic_version (version_num) VALUES (?)", (REVISION,))
    database.checkpoint()


def workspace_id(database: Database, name: str) -> int | None:
    """Return the row id of a workspace; a writing connection makes a new one."""
    found: int | None = database.value("SELECT id FROM workspace WHERE name = ?", (name,))
    if found is None and not database.read_only:
        database.execute(
            "INSERT INTO workspace (name) VALUES (?) ON CONFLICT (name) DO NOTHING", (name,)
        )
        found = database.value("SELECT id FROM workspace WHERE name = ?", (name,))
    return found


@contextmanager
def writing(
    url: str, data_folder: Path, workspace: str, told: Callable[[int], None] | None = None
) -> Iterator[tuple[Database, int]]:
    """Open a store and a workspace for a command that changes it, while no process ingests.

    A screen that ingests gives way for so long; `told` learns whom a longer wait is for.
    """
    lock = IngestLock(data_folder)
    if not lock.wait(told):
        raise TokwatchError(
            f"process {lock.holder()} reads logs into the store and did not give way",
            "Try again when it is done, or end it.",
        )
    try:
        database = open_store(url, data_folder)
        try:
            yield database, workspace_id(database, workspace) or 0
        finally:
            database.close()
    finally:
        lock.release()


def setting(database: Database, workspace: int, name: str) -> str | None:
    """Return a fact about the store itself."""
    found: str | None = database.value(
        "SELECT value FROM setting WHERE workspace = ? AND name = ?", (workspace, name)
    )
    return found


def set_setting(database: Database, workspace: int, name: str, value: str) -> None:
    """Write a fact about the store itself."""
    database.execute(
        "INSERT INTO setting (workspace, name, value) VALUES (?, ?, ?)"
        " ON CONFLICT (workspace, name) DO UPDATE SET value = excluded.value",
        (workspace, name, value),
    )
