"""The kinds of columns that the tables are made of."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Text

BIG = BigInteger().with_variant(Integer, "sqlite")


def big(*, primary: bool = False, null: bool = False, default: int | None = None) -> Column[int]:
    """Return a 64-bit column; SQLite makes a lone one the row id."""
    return Column(
        BIG,
        primary_key=primary,
        autoincrement=False if primary else "auto",
        nullable=null,
        server_default=None if default is None else str(default),
    )


def text(*, primary: bool = False) -> Column[str]:
    """Return a column of text, empty by default."""
    return Column(Text, primary_key=primary, nullable=False, server_default="")
