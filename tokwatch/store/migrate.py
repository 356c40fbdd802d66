"""Brings an older store to the newest schema with Alembic, which is loaded for nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokwatch.store.connect import WRITERS_LOCK, store_file

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

FOLDER: Final = Path(__file__).parent / "migrations"


def migrate(url: str, data_folder: Path, revision: str = "head") -> None:
    """Run the migrations that a store lacks up to one: all of them, or none when one fails."""
    from alembic import command
    from alembic.config import Config

    engine = _engine(url, data_folder)
    try:
        with engine.begin() as connection:
            config = Config()
            config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    finally:
        engine.dispose()


def _engine(url: str, data_folder: Path) -> Engine:
    """Return an engine whose transactions begin by shutting other writers out."""
    import sqlite3

    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import NullPool

    path = store_file(url, data_folder)
    if path is None:
        import psycopg

        engine = create_engine(
            "postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool
        )
        begin = f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})"
    else:
        engine = create_engine(
            "sqlite://",
            creator=lambda: sqlite3.connect(path, isolation_level=None),
            poolclass=NullPool,
        )
        begin = "BEGIN IMMEDIATE"

    def lock(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "begin", lock)
    return engine
