"""The schema is told once: by the tables; its files, its migrations and its SQL follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect
from sqlalchemy.pool import NullPool

from tokwatch.store import ddl, migrate, sql, store, tables
from tokwatch.store.connect import Database, open_database
from tokwatch.store.store import REVISION, open_store, stored_revision


@pytest.mark.parametrize("postgres", [False, True], ids=["sqlite", "postgresql"])
def test_the_generated_file_is_up_to_date(postgres: bool) -> None:
    name = "postgresql.sql" if postgres else "sqlite.sql"

    written = (ddl.FOLDER / name).read_text("utf-8")

    assert written == ddl.generate(postgres=postgres), "run: python -m tokwatch.store.ddl"


def test_the_generator_writes_both_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = {file.name: file.read_text("utf-8") for file in ddl.FOLDER.glob("*.sql")}
    monkeypatch.setattr(ddl, "FOLDER", tmp_path / "schema")

    ddl.main()

    again = {file.name: file.read_text("utf-8") for file in (tmp_path / "schema").iterdir()}
    assert again == written


def test_the_migrations_from_nothing_make_the_schema_of_the_generated_file(
    store_urls: Callable[[], str], tmp_path: Path
) -> None:
    store_url, other_store_url = store_urls(), store_urls()
    open_store(store_url, tmp_path).close()
    open_database(other_store_url, tmp_path).close()

    migrate.migrate(other_store_url, tmp_path)

    migrated = open_database(other_store_url, tmp_path)
    assert stored_revision(migrated) == REVISION
    migrated.close()
    assert described(other_store_url) == described(store_url)


def described(url: str) -> dict[str, dict[str, Any]]:
    """Return all that a database tells of its tables."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), poolclass=NullPool)
    look = inspect(engine)
    found: dict[str, dict[str, Any]] = {}
    for table in look.get_table_names():
        columns = look.get_columns(table)
        found[table] = {
            "columns": [
                (*column.items(),) for column in ({**c, "type": str(c["type"])} for c in columns)
            ],
            "primary key": look.get_pk_constraint(table)["constrained_columns"],
            "unique": look.get_unique_constraints(table),
            "indexes": [_told(index) for index in look.get_indexes(table)],
            "options": look.get_table_options(table),
        }
    engine.dispose()
    return found


def _told(index: Mapping[str, object]) -> str:
    """Return an index as text: its condition is an object without equality."""
    options = index.get("dialect_options")
    told = {name: str(value) for name, value in index.items() if name != "dialect_options"}
    if isinstance(options, Mapping):
        told |= {str(name): str(value) for name, value in options.items()}
    return repr(sorted(told.items()))


def test_the_newest_revision_is_the_last_migration() -> None:
    versions = sorted(file.name for file in (migrate.FOLDER / "versions").glob("[0-9]*.py"))

    assert versions[-1].partition("_")[0] == store.REVISION


def test_every_table_is_of_a_workspace() -> None:
    without = [
        table.name for table in tables.METADATA.sorted_tables if "workspace" not in table.columns
    ]

    assert without == ["workspace"]


STATEMENTS = [
    (name, text + "(?)" if text.endswith("IN ") else text)
    for name, value in [*vars(sql).items(), ("delta_of", sql.delta_of("event e", 1))]
    for text in (value if isinstance(value, tuple) else (value,))
    if isinstance(text, str) and text.startswith(("SELECT ", "INSERT ", "UPDATE ", "DELETE "))
]


def test_the_hot_sql_names_what_the_tables_have(database: Database) -> None:
    database.script(sql.CREATE_TEMPORARY)
    refused = {}
    for name, text in STATEMENTS:
        try:
            database.execute(f"EXPLAIN {text}", (None,) * text.count("?"))
        except Exception as error:
            refused[name] = str(error)

    assert refused == {}
    assert len(STATEMENTS) > 10
