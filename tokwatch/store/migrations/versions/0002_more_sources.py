"""What further sources tell: facts of requests, measures, derived requests, unknown shapes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add tables and columns; no event of an older store is derived, so its sums stay."""
    op.add_column("log", _big("repeated", default="0"))
    op.add_column("log", _text("sample"))
    for table in ("quarter", "day", "total"):
        op.add_column(table, _big("derived", default="0"))
    _make_facts()
    _make_measures()


def _make_facts() -> None:
    op.create_table(
        "request_fact",
        sa.Column("key", BIG, primary_key=True, autoincrement=False),
        sa.Column("log", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, primary_key=True, server_default=""),
        *(sa.Column("workspace", sa.Integer, nullable=False), _big("value")),
    )
    op.create_index("ix_request_fact_log", "request_fact", ["log"])


def _make_measures() -> None:
    op.create_table(
        "measure",
        sa.Column("id", BIG, primary_key=True, autoincrement=False),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("log", sa.Integer, nullable=False),
        *(_text("name"), _big("instant_ms")),
        sa.Column("value", sa.DOUBLE_PRECISION, nullable=False),
        *(_text("unit"), _text("tags"), _text("origin")),
    )
    op.create_index("ix_measure_log", "measure", ["log"])
    op.create_index("ix_measure_name", "measure", ["workspace", "name", "instant_ms"])


def _big(name: str, *, default: str | None = None) -> sa.Column[int]:
    return sa.Column(name, BIG, nullable=False, server_default=default)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")
