"""Opens a store: makes a new one, checks an old one's schema, finds the workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tokwatch.errors import TokwatchError
from tokwatch.store.connect import Database, open_database
from tokwatch.store.ddl import statements

REVISION: Final = "0001"
"""The newest schema revision: the last file in migrations/versions."""


def open_store(url: str, data_folder: Path, *, read_only: bool = False) -> Database:
    """Open the store; one that does not exist is made, an older one migrated."""
    database = open_database(url, data_folder, read_only=read_only)
    revision = stored_revision(database)
    if revision is None and not read_only:
        _create(database)
    elif revision not in (None, REVISION):
        raise TokwatchError(f"the store has schema {revision}", "")
    return database


def stored_revision(database: Database) -> str | None:
    """Return the store's schema revision, or None for an empty database."""
    if database.postgres:
        exists = database.value("SELECT to_regclass('alembic_version') IS NOT NULL")
    else:
        exists = database.value("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")
    return database.value("SELECT version_num FROM alembic_version") if exists else None


def _create(database: Database) -> None:
    with database.transaction():
        database.script(statements(postgres=database.postgres))
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        database.execute("INSERT INTO alembic_version (version_num) VALUES (?)", (REVISION,))


def workspace_id(database: Database, name: str) -> int | None:
    """Return the row id of a workspace; a writing connection makes a new one."""
    found: int | None = database.value("SELECT id FROM workspace WHERE name = ?", (name,))
    if found is None and not database.read_only:
        found = database.value("INSERT INTO workspace (name) VALUES (?) RETURNING id", (name,))
    return found


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
