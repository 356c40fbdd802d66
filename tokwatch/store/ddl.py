"""Generates the statements that make a new store: `python -m tokwatch.store.ddl` rewrites them.

A new store is made from these files without loading SQLAlchemy; a test holds them to the
migrations.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "schema"


def statements(*, postgres: bool) -> tuple[str, ...]:
    """Return the statements of the newest schema, from the generated file."""
    text = _file(postgres=postgres).read_text(encoding="utf-8")
    return tuple(part.strip() for part in text.split(";\n") if part.strip())


def generate(*, postgres: bool) -> str:
    """Return the statements that the tables amount to, in one database's dialect."""
    from sqlalchemy.dialects import postgresql, sqlite
    from sqlalchemy.engine import Dialect
    from sqlalchemy.schema import CreateIndex, CreateTable

    from tokwatch.store.tables import METADATA

    dialect: Dialect = postgresql.dialect() if postgres else sqlite.dialect()  # type: ignore[no-untyped-call]
    parts: list[str] = []
    for table in METADATA.sorted_tables:
        parts.append(str(CreateTable(table).compile(dialect=dialect)))
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        parts += [str(CreateIndex(index).compile(dialect=dialect)) for index in indexes]
    lines = [line.rstrip() for part in parts for line in (part.strip() + ";").splitlines()]
    return "\n".join(lines).replace("\t", "    ") + "\n"


def _file(*, postgres: bool) -> Path:
    return FOLDER / ("postgresql.sql" if postgres else "sqlite.sql")


def main() -> None:
    """Rewrite both files."""
    FOLDER.mkdir(exist_ok=True)
    for postgres in (False, True):
        _file(postgres=postgres).write_text(generate(postgres=postgres), encoding="utf-8")


if __name__ == "__main__":
    main()
